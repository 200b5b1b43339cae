"""Bytes that ops move: each reads its weights and inputs once, and writes its output once.

Nothing is taken to stay in a cache from one op to the next. An op that only hands on what it reads
(flatten, identity, dropout in evaluation) moves nothing. Two inputs of a merge are both read;
what an op holds inside while it runs, such as the scores of attention, isn't counted.
"""

from sepconv_cli.metrics._metric import Context, Metric
from sepconv_cli.network import Node


def _moved(node: Node, context: Context) -> int:
    if node.op.is_view:
        return 0
    elements = node.op.parameters(node.x) + node.x.elements + node.y.elements
    if node.others:
        elements += sum(x.elements for x in node.others)
    return context.bytes_each * elements


METRIC = Metric(
    name="moved_bytes",
    title="moved bytes",
    unit="bytes",
    meaning="Bytes of weights, inputs and outputs, which each op reads or writes once.",
    form="bytes",
    node=_moved,
    needs=frozenset({"dtype"}),
    order=80,
)
