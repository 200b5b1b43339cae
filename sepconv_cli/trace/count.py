"""What fvcore counts for each node of a network, without computing anything.

A batch of zero samples traces the same graph as a batch of one, and moves no data.
fvcore's own counting functions then see the recorded shapes with the batch read as
one. An operator that fvcore doesn't know is an error, unless it goes element by
element, or the op that made it says that it multiplies nothing.
"""

import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import torch
from fvcore.nn import FlopCountAnalysis
from fvcore.nn.flop_count import _DEFAULT_SUPPORTED_OPS
from torch import nn

from sepconv_cli.network import Network, Node
from sepconv_cli.trace.build import Graph, build_weightless
from sepconv_cli.trace.record import TracedNode, TraceError

WITHOUT_TORCH = "--engine analytic counts it by formula, without torch"

_Handle = Callable[[Sequence[Any], Sequence[Any]], Any]


def fvcore_counts(network: Network) -> tuple[TracedNode, ...]:
    """Parameters and fvcore's counts for each node. Raises TraceError."""
    module = _built(network)
    samples = int(any(node.op.needs_sample for node in network.nodes))
    sample = torch.empty((samples, network.input.channels, *network.input.size))
    analysis = FlopCountAnalysis(module, sample)
    analysis.set_op_handle(
        **{name: _with_one_sample(handle) for name, handle in _DEFAULT_SUPPORTED_OPS.items()}
    )
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    try:
        with warnings.catch_warnings():
            # A batch of no samples has no variance, of which torch warns.
            warnings.filterwarnings("ignore", r"var\(\)")
            counts = analysis.by_module_and_operator()
    except RuntimeError as error:
        raise TraceError(f"torch can't run the network: {error}; {WITHOUT_TORCH}") from error
    traced = []
    seen: set[nn.Parameter] = set()
    for index, (node, child) in enumerate(zip(network.nodes, module, strict=True)):
        _refuse_unknown(node, analysis.unsupported_ops(str(index)))
        own = set(child.parameters()) - seen
        seen |= own
        parameters = sum(parameter.numel() for parameter in own)
        operators = {name: int(n) for name, n in counts.get(str(index), {}).items()}
        traced.append(TracedNode(parameters, operators))
    return tuple(traced)


def _built(network: Network) -> Graph:
    try:
        return build_weightless(network)
    except (RuntimeError, OSError, OverflowError) as error:
        raise TraceError(f"torch can't build the network: {error}; {WITHOUT_TORCH}") from error


def _refuse_unknown(node: Node, unsupported: Iterable[str]) -> None:
    undeclared = sorted(set(unsupported) - node.op.uncounted)
    unknown = [name for name in undeclared if not _is_pointwise(name)]
    if unknown:
        raise TraceError(
            f"{node.name}: fvcore doesn't know {', '.join(unknown)} and would count it as zero"
        )


@cache
def _is_pointwise(operator: str) -> bool:
    """Whether torch says that an operator goes element by element, and so sums no products."""
    namespace, _, name = operator.partition("::")
    packet = getattr(torch.ops.aten, name, None) if namespace == "aten" else None
    if packet is None:
        return False
    return any(torch.Tag.pointwise in getattr(packet, each).tags for each in packet.overloads())


def _with_one_sample(handle: _Handle) -> _Handle:
    """The counting function, seeing a batch of one where the graph holds a batch of zero."""

    def counted(inputs: Sequence[Any], outputs: Sequence[Any]) -> Any:
        return handle([_Value(value) for value in inputs], [_Value(value) for value in outputs])

    return counted


class _Value:
    """A value of the traced graph. Its only empty axis is the batch, and is read as 1."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._value, name)

    def type(self) -> Any:
        return _Type(self._value.type())


class _Type:
    """The type of such a value."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kind, name)

    def sizes(self) -> list[int] | None:
        sizes = self._kind.sizes()
        return sizes and [axis or 1 for axis in sizes]
