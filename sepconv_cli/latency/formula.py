"""The formula: how long a device takes for the work of one node, and what holds it up.

A node takes (arithmetic^4 + memory^4)^(1/4) + overhead seconds: what takes longer decides, and
where both take as long neither is quite hidden behind the other (the roofline of Williams,
Waterman & Patterson, CACM 2009, with a rounded corner).

arithmetic = (MACs x samples + weights x e) x s x (1 + a / inner) x (1 + b / outer), where narrow
matrices and few positions leave a part of the device idle, and x (1 + u) where it is `uneven`, so
that a part of each tile is filling. memory = elements x samples x m + weights x w. The numbers s,
a, b, u, e and m are of the work's kind. They are a profile's coefficients: `arithmetic.KIND`
(seconds for each multiply-add), `inner.KIND` and `outer.KIND` (channels), `uneven.KIND` (a share),
`extra.KIND` (positions), `memory.KIND` and `memory.weights` (seconds for each element), `overhead`
(seconds for each node) and `overhead.product` (seconds more where matrices are multiplied).

It is written with the operators that plain numbers and those of a sweep share.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from sepconv_cli.arithmetic import root
from sepconv_cli.latency.work import WorkKind, Workload

MILLISECONDS = 1e3
"""In a second."""

FORM = "rounded roofline"
VERSION = 1

Holder = Literal["arithmetic", "memory", "overhead"]
"""What takes most of a time."""


class Speed(msgspec.Struct, frozen=True):
    """Whose coefficients a kind of work has; None where it has none of that group."""

    memory: str
    arithmetic: str | None = None
    inner: str | None = None
    outer: str | None = None
    uneven: str | None = None
    extra: str | None = None


SPEEDS: dict[WorkKind, Speed] = {
    "dense": Speed("dense", "dense", "dense", "dense", "dense", "dense"),
    "point": Speed("point", "point", "point", "point", "point", "point"),
    "linear": Speed("linear", "linear", "point", "point", None, "point"),
    "matmul": Speed("linear", "matmul", "point", "point"),
    "attention": Speed("linear", "attention", "point", "point"),
    "depthwise": Speed("depthwise", "depthwise", None, "depthwise", "depthwise"),
    "grouped": Speed("grouped", "grouped", "grouped", "grouped", "grouped", "dense"),
    "batch_norm": Speed("batch_norm"),
    "norm": Speed("norm"),
    "elementwise": Speed("elementwise"),
    "curve": Speed("curve"),
    "merge": Speed("merge"),
    "reduce": Speed("reduce"),
    "pool": Speed("pool"),
    "softmax": Speed("softmax"),
    "copy": Speed("copy"),
}


def coefficient_of(group: str, kind: WorkKind) -> str | None:
    """The name of the number of a group, such as `memory`, that a kind of work has."""
    name = getattr(SPEEDS[kind], group)
    return f"{group}.{name}" if name else None


_GROUPS = ("arithmetic", "inner", "outer", "uneven", "extra", "memory")
_COMMON = ("memory.weights", "overhead", "overhead.product")
_NAMED = [coefficient_of(group, kind) for group in _GROUPS for kind in SPEEDS]
COEFFICIENTS = tuple(dict.fromkeys([*filter(None, _NAMED), *_COMMON]))
"""The names of the numbers that a profile gives, each above 0."""


class Rates(msgspec.Struct, frozen=True):
    """The numbers of one kind of work, in milliseconds; those that it has no use for are 0."""

    arithmetic: float
    inner: float
    outer: float
    uneven: float
    extra: float
    memory: float
    weights: float
    overhead: float


def rates(coefficients: Mapping[str, float]) -> dict[WorkKind, Rates]:
    """The numbers of every kind of work, which are all there."""
    return {kind: _rates(coefficients, kind) for kind in SPEEDS}


def _rates(coefficients: Mapping[str, float], kind: WorkKind) -> Rates:
    def number(group: str) -> float:
        name = coefficient_of(group, kind)
        return coefficients[name] if name else 0.0

    product = coefficients["overhead.product"] if SPEEDS[kind].arithmetic else 0.0
    return Rates(
        arithmetic=MILLISECONDS * number("arithmetic"),
        inner=number("inner"),
        outer=number("outer"),
        uneven=number("uneven"),
        extra=number("extra"),
        memory=MILLISECONDS * number("memory"),
        weights=MILLISECONDS * coefficients["memory.weights"],
        overhead=MILLISECONDS * (coefficients["overhead"] + product),
    )


class Spent(msgspec.Struct, frozen=True, gc=False):
    """The milliseconds of one node, and those that its arithmetic and its memory take by
    themselves."""

    milliseconds: float
    arithmetic: float
    memory: float
    overhead: float


def spent(work: Workload, rate: Rates, samples: int) -> Spent:
    """How long a node takes for a batch of so many samples."""
    memory = work.elements * (samples * rate.memory)
    if rate.arithmetic == 0:
        return Spent(memory + rate.overhead, 0.0, memory, rate.overhead)
    memory = memory + work.weights * rate.weights
    # In a sweep the channels vary along fewer axes than the MACs: they come together first.
    each: Any = rate.arithmetic
    if rate.inner:
        each = (1 + rate.inner / work.inner) * each
    if rate.outer:
        each = (1 + rate.outer / work.outer) * each
    if rate.uneven:
        each = (1 + rate.uneven * work.uneven) * each
    arithmetic = work.macs * (samples * each)
    if rate.extra:
        # For one position, each weight is multiplied once.
        arithmetic = arithmetic + work.weights * (rate.extra * each)
    milliseconds = _rounded_corner(arithmetic, memory) + rate.overhead
    return Spent(milliseconds, arithmetic, memory, rate.overhead)


def together(times: Sequence[Spent]) -> Spent:
    """Several after one another; none of them take no time."""
    if len(times) == 1:
        return times[0]
    if not times:
        return _NO_TIME
    return Spent(
        sum([time.milliseconds for time in times]),
        sum([time.arithmetic for time in times]),
        sum([time.memory for time in times]),
        sum([time.overhead for time in times]),
    )


_NO_TIME = Spent(0.0, 0.0, 0.0, 0.0)


def _rounded_corner(left: Any, right: Any) -> Any:
    """(left^4 + right^4)^(1/4), by squares and roots, which every machine rounds alike."""
    left, right = left * left, right * right
    return root(root(left * left + right * right))


def held_by(times: Sequence[Spent | None]) -> Holder | None:
    """What most of the time of some nodes goes into; None where they take none, or that can't be
    told."""
    known = [time for time in times if time is not None]
    sums: dict[Holder, float] = {
        "arithmetic": sum(time.arithmetic for time in known),
        "memory": sum(time.memory for time in known),
        "overhead": sum(time.overhead for time in known),
    }
    most = max(sums, key=lambda holder: sums[holder])
    return most if sums[most] else None
