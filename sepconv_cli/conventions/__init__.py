"""The conventions, one file each: what a piece of arithmetic weighs.

A convention is a weight over the kind and role of `Work`. What has no weight is
not counted, which is None and never 0. Where a tool's rule needs more than a
weight, the convention's file says so in a function of the node.
"""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from sepconv_cli.network import Kind, Node, Role, Work
from sepconv_cli.registry import get


class Convention(msgspec.Struct, frozen=True, kw_only=True):
    """One way of counting: its name, what its number means, and its weights.

    `special` may answer for a node that weights can't express: its count, or None
    to leave it to the weights.
    """

    name: str
    meaning: str
    unit: str
    weights: Mapping[tuple[Kind, Role], int]
    special: Callable[[Node], int | None] | None = None

    def count(self, node: Node, work: Iterable[Work]) -> int | None:
        """The node's number. 0 where there is nothing to do; None where nothing is counted."""
        if self.special is not None:
            count = self.special(node)
            if count is not None:
                return count
        total, known, idle = 0, False, True
        for item in work:
            idle = False
            weight = self.weights.get((item.kind, item.role))
            if weight is not None:
                total += weight * item.amount
                known = True
        return total if known or idle else None


def convention(name: str) -> Convention:
    """The convention of that name."""
    found: Convention = get("conventions", name).CONVENTION
    return found
