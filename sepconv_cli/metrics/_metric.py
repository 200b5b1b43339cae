"""The record that every metric is: what it is called, how it is shown, and what it is made of."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import msgspec

from sepconv_cli.conventions import Convention
from sepconv_cli.network import Node

if TYPE_CHECKING:
    from sepconv_cli.latency.device import Device

MetricValue = int | Fraction | float
"""A metric's value. In a sweep it may also be a number that stands for many."""

Amount = MetricValue | None
"""What a node adds to a metric; None where it isn't counted, which is never 0."""

Need = Literal["dtype", "convention", "device"]
Form = Literal["count", "bytes", "ratio", "time"]
Combine = Literal["sum", "max", "quotient"]
Placement = Literal["every table", "wide tables", "on request"]


class Context(msgspec.Struct, frozen=True):
    """What a formula may depend on beside the network: how it counts, the bytes of an element, and
    the devices that it is to run on."""

    convention: Convention
    bytes_each: int = 4
    devices: "tuple[Device, ...]" = ()


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One number that people compare, limit, sort by and plot.

    Its formula is one of three. `node` gives what one node adds, by the node alone. `network`
    gives an amount for every node, from the network and the amounts of the metrics in `of`.
    `formula` gives the number itself from the numbers of the metrics in `of`. Formulas run on ints
    and on the numbers of a sweep, of which a branch takes some points apart from the others.

    `combine` says how the amounts of some nodes become their number: a sum, the largest (of levels
    over time), or a quotient of other metrics' numbers. `why_not` says why a node's amount can't
    be told, and `notes` what is left out of some nodes. `place` is where it is shown without being
    asked for, `rank` how soon its column gives way on a narrow screen, `ratio` whether its
    ratio to the standard variant stands beside it, `order` where it stands among the others.
    """

    name: str
    title: str
    unit: str
    meaning: str
    form: Form = "count"
    exact: bool = True
    combine: Combine = "sum"
    node: Callable[[Node, Context], Amount] | None = None
    network: Callable[..., Sequence[Amount]] | None = None
    of: tuple[str, ...] = ()
    formula: Callable[..., Amount] | None = None
    why_not: Callable[[Node], str | None] | None = None
    notes: Callable[[Sequence[Node]], Sequence[str]] | None = None
    needs: frozenset[Need] = frozenset()
    place: Placement = "on request"
    rank: int = 0
    ratio: bool = False
    order: int = 100

    @property
    def is_whole(self) -> bool:
        """Whether its values are whole numbers."""
        return self.exact and self.form in ("count", "bytes")

    @property
    def is_local(self) -> bool:
        """Whether it adds up over layers, and what a layer adds depends on that layer alone."""
        return self.combine == "sum" and self.network is None
