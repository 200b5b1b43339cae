"""What predictions can't tell: layers unlike all that was fitted, and variants that are too close
to each other."""

from collections.abc import Iterable, Iterator

import msgspec

from sepconv_cli.latency.device import Device
from sepconv_cli.latency.profile import Range
from sepconv_cli.latency.work import Workload, workloads
from sepconv_cli.network import Network

FAR = 4
"""So many times beyond what was fitted is far outside of it."""


class Unlike(msgspec.Struct, frozen=True):
    """A layer unlike all that a profile was fitted to, and in what."""

    layer: str
    why: str


def unlike(network: Network, device: Device) -> list[Unlike]:
    """The layers of a network that are unlike all that the device's profile was fitted to.

    Of a batch size that wasn't fitted, nothing is said here.
    """
    found: dict[Unlike, None] = {}
    for node, work in zip(network.nodes, workloads(network), strict=True):
        if isinstance(work, str):
            found[Unlike(node.layer, f"{node.op.name} is left out: {work}")] = None
        elif work is not None:
            why = _outside(work, device)
            found.update({Unlike(node.layer, why): None} if why else {})
    return list(found)


def _outside(work: Workload, device: Device) -> str:
    """In what a node's work is far outside; empty where it isn't."""
    seen = device.profile.seen.get(work.kind)
    if seen is None:
        return f"no {_in_words(work)} was fitted"
    for name, values, bounds in (
        ("MACs", [work.macs * device.fitted_batch], seen.macs),
        ("elements", [work.elements * device.fitted_batch], seen.elements),
        ("channels", [work.inner, work.outer], seen.channels),
    ):
        for value in values if bounds else ():
            side = _side(value, bounds)
            if side:
                return f"far {side} {name} than in any {_in_words(work)} that was fitted"
    return ""


def _side(value: float, bounds: Range | None) -> str:
    if bounds is None:
        return ""
    least, most = bounds
    return "fewer" if value * FAR < least else "more" if value > most * FAR else ""


def _in_words(work: Workload) -> str:
    return _WORDS.get(work.kind, work.kind.replace("_", " "))


_WORDS = {
    "dense": "k x k convolution",
    "point": "1 x 1 convolution",
    "linear": "linear layer",
    "matmul": "matrix product",
    "depthwise": "depthwise convolution",
    "grouped": "grouped convolution",
    "elementwise": "elementwise op",
    "reduce": "global pool",
}


class Duel(msgspec.Struct, frozen=True):
    """Two variants' times on a device: `faster` is None where they are about equal.

    `times` is how many times as long the second one takes, at least 1, and `error` by what factor
    that may be off.
    """

    first: str
    second: str
    times: float
    error: float

    @property
    def faster(self) -> str | None:
        """The faster one, where the difference exceeds its error."""
        return self.first if self.times > self.error else None


def duels(found: Iterable[tuple[str, float]], device: Device) -> Iterator[Duel]:
    """Each two of several variants with their times, the faster one first."""
    ordered = sorted(found, key=lambda each: each[1])
    error = 1 + device.profile.pair_error
    for at, (first, least) in enumerate(ordered):
        for second, more in ordered[at + 1 :]:
            yield Duel(first, second, more / least if least else 1.0, error)
