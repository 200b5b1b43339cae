"""What each layer does for each element that it moves, and how fast, under the roof of its kind.

The roofline model: Williams, Waterman & Patterson, CACM 52(4), 2009. Intensity is in multiply-adds
for each element that is read or written, whatever the device's data type.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from sepconv_cli.errors import UsageError
from sepconv_cli.latency.device import Device
from sepconv_cli.latency.formula import MILLISECONDS, Holder, Rates, Spent, held_by, together
from sepconv_cli.latency.work import WorkKind, Workload, workloads
from sepconv_cli.lowering.choose import Case
from sepconv_cli.lowering.settings import shown
from sepconv_cli.network import Network


class LayerPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of work of a layer, for a whole batch.

    `roof` is the most multiply-adds in a second that the formula lets it reach, None where there
    are none. All but the layer is None where nobody can tell how long it takes.
    """

    layer: str
    kind: WorkKind | None
    macs: int | None
    elements: int | None
    milliseconds: float | None
    held_by: Holder | None
    roof: float | None

    @property
    def intensity(self) -> float | None:
        """Multiply-adds for each element; None where there are none."""
        return self.macs / self.elements if self.macs and self.elements else None

    @property
    def speed(self) -> float | None:
        """Multiply-adds in a second; None where there are none."""
        return (
            self.macs / self.milliseconds * MILLISECONDS
            if self.macs and self.milliseconds
            else None
        )


class Roof(msgspec.Struct, frozen=True):
    """The most that a kind of work comes to: multiply-adds and elements in a second.

    Weights have a speed of their own, so that what reads more of them than of what arrives may be
    above this line, though never above its own roof.
    """

    kind: WorkKind
    peak: float
    bandwidth: float

    @property
    def knee(self) -> float:
        """The intensity from which on arithmetic holds it, and memory no longer."""
        return self.peak / self.bandwidth

    def at(self, intensity: float) -> float:
        """The most multiply-adds in a second at an intensity."""
        return min(self.peak, intensity * self.bandwidth)


class VariantPoints(msgspec.Struct, frozen=True):
    """A variant of a network, and the points of its layers in their order."""

    variant: str
    network: Network
    points: tuple[LayerPoint, ...]

    @property
    def milliseconds(self) -> float | None:
        """Of the whole network; None where a part of it can't be told."""
        return _sum(point.milliseconds for point in self.points)


class Roofline(msgspec.Struct, frozen=True):
    """All variants of a network on one device, and the roofs over them."""

    name: str
    device: Device
    variants: tuple[VariantPoints, ...]
    roofs: tuple[Roof, ...]


def roofline_of(cases: Sequence[Case], device: Device) -> Roofline:
    """The points of all variants. Raises UsageError where no layer multiplies anything."""
    variants = tuple(
        VariantPoints(case.variant.name, case.network, tuple(_points(case.network, device)))
        for case in cases
    )
    kinds = [each.kind for found in variants for each in found.points if each.macs and each.kind]
    if not kinds:
        raise UsageError(f"{cases[0].spec.name} has no layer that multiplies anything")
    name = " ".join(filter(None, (cases[0].spec.name, shown(cases[0].settings))))
    roofs = tuple(_roof(kind, device) for kind in dict.fromkeys(kinds))
    return Roofline(name, device, variants, roofs)


def _points(network: Network, device: Device) -> Iterator[LayerPoint]:
    for node, works in zip(network.nodes, workloads(network), strict=True):
        if isinstance(works, str):
            yield LayerPoint(
                layer=node.name,
                kind=None,
                macs=None,
                elements=None,
                milliseconds=None,
                held_by=None,
                roof=None,
            )
            continue
        for kind in dict.fromkeys(work.kind for work in works):
            alike = [work for work in works if work.kind == kind]
            yield _point(node.name, kind, alike, device)


def _point(layer: str, kind: WorkKind, works: Sequence[Workload], device: Device) -> LayerPoint:
    spent = together([device.time(work) for work in works])
    macs = sum(work.macs for work in works) * device.batch
    return LayerPoint(
        layer=layer,
        kind=kind,
        macs=macs,
        elements=sum(work.elements * device.batch + work.weights for work in works),
        milliseconds=spent.milliseconds,
        held_by=held_by([spent]),
        roof=_own_roof(macs, spent, device.rates[kind]),
    )


def _own_roof(macs: int, spent: Spent, rate: Rates) -> float | None:
    """With all channels that it could wish for, and no overhead."""
    return macs / max(macs * rate.arithmetic, spent.memory) * MILLISECONDS if macs else None


def _roof(kind: WorkKind, device: Device) -> Roof:
    """Of channels so many that no part of the device is idle."""
    rate = device.rates[kind]
    return Roof(kind, MILLISECONDS / rate.arithmetic, MILLISECONDS / rate.memory)


def _sum(values: Iterable[float | None]) -> float | None:
    found = list(values)
    known = [value for value in found if value is not None]
    return sum(known) if len(known) == len(found) else None
