"""What variants are held to each other in: the layers, and the number that is compared."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from sepconv_cli.conventions import Convention
from sepconv_cli.cost.per_layer import Cost, Shape, Yardstick
from sepconv_cli.errors import UsageError
from sepconv_cli.metrics import Amounts, Context, Metric, Scope, listed, metric
from sepconv_cli.network import Network
from sepconv_cli.variants import Variant

if TYPE_CHECKING:
    from sepconv_cli.latency.device import Device


class Contest(msgspec.Struct, frozen=True):
    """The shapes with their layers, the variants, and what they are compared in.

    `unit` is that in words, such as MACs; `symbols` is which of its formulas can be written.
    `rest` is what the layers cost that no variant rewrites, None where only some were asked for.
    `unused` are the network's layers that lead to no output. Where times on a `device` are
    compared, `macs` is what MACs say.
    """

    network: str
    shapes: Mapping[Shape, Sequence[str]]
    variants: Sequence[Variant]
    by: Yardstick
    unit: str
    symbols: str | None
    rest: Cost | None = None
    unused: tuple[str, ...] = ()
    device: "Device | None" = None
    macs: Yardstick | None = None

    @property
    def margin(self) -> float:
        """Up to what share more is no difference that could be told."""
        error = self.device.pair_error if self.device else None
        return error or 0.0

    @property
    def names(self) -> list[str]:
        """The names of the variants."""
        return [variant.name for variant in self.variants]


def yardstick(convention: Convention, by: str, devices: "tuple[Device, ...]" = ()) -> Yardstick:
    """What is compared: a metric that adds up over layers, each by itself. Raises UsageError."""
    if not devices and not _adds_up(metric(by)):
        known = [one.name for one in listed() if _adds_up(one)]
        raise UsageError(
            f"--by {by}: a layer by itself doesn't say what it adds to that",
            f"known: {', '.join(known)}",
        )

    def measured(network: Network) -> Cost | None:
        context = Context(convention, devices=devices)
        found: Cost | None = Amounts(context).number(by, Scope(network))  # type: ignore[assignment]
        return found

    return measured


def _adds_up(one: Metric) -> bool:
    return one.is_local and one.is_whole
