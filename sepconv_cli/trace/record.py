"""What a trace says of one node, free of torch."""

import msgspec

# fvcore's names for the operators whose multiplications are MACs.
_MULTIPLYING = frozenset({"conv", "linear", "matmul", "addmm", "bmm", "mm", "einsum"})


class TraceError(Exception):
    """The module can't be traced, or holds an operator that would be counted as zero."""


class TracedNode(msgspec.Struct, frozen=True):
    """Parameters that no node before it has, and fvcore's count for each kind of operator.

    The kinds are in fvcore's names.
    """

    parameters: int
    operators: dict[str, int]

    @property
    def macs(self) -> int | None:
        """Multiplications of convolutions and linear layers; None where there are none."""
        counts = [n for name, n in self.operators.items() if name in _MULTIPLYING]
        return sum(counts) if counts else None

    @property
    def total(self) -> int:
        """Everything that fvcore counts here."""
        return sum(self.operators.values())
