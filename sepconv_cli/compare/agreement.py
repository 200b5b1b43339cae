"""Whether both engines count the same, node by node and kind by kind.

A node is one op, so its count in fvcore's own convention is the count of one kind of
operator: convolution, linear layer, norm, adaptive pool or upsampling. Comparing every node
leaves no room for two errors that cancel out in a total.
"""

from collections.abc import Sequence

import msgspec

from sepconv_cli.conventions import TRACED, convention
from sepconv_cli.lowering.choose import Case
from sepconv_cli.trace import TracedNode

Traces = Sequence[TracedNode]


class Disagreement(msgspec.Struct, frozen=True):
    """One figure of one node that the two engines count differently."""

    network: str
    variant: str
    layer: str
    what: str
    analytic: int
    traced: int

    def __str__(self) -> str:
        return (
            f"{self.network}, {self.variant}, {self.layer}: {self.analytic:,} {self.what} "
            f"by formula, {self.traced:,} by fvcore"
        )


def disagreements(case: Case, traced: Traces) -> dict[int, list[Disagreement]]:
    """What differs, by the index of the node; empty where both engines agree on all."""
    macs, fvcore = convention("macs"), convention("fvcore")
    found: dict[int, list[Disagreement]] = {}
    for index, (node, trace) in enumerate(zip(case.network.nodes, traced, strict=True)):
        pairs = (
            ("parameters", node.own_parameters, trace.parameters),
            ("MACs", macs.count(node) or 0, trace.macs or 0),
            ("fvcore flops", fvcore.count(node, TRACED) or 0, trace.total),
        )
        differing = [
            Disagreement(case.spec.name, case.variant.name, node.name, what, analytic, measured)
            for what, analytic, measured in pairs
            if analytic != measured
        ]
        if differing:
            found[index] = differing
    return found
