"""The formula: how long a device takes for the work of one node, and what holds it up.

A node takes (arithmetic^4 + memory^4)^(1/4) + overhead seconds: what takes longer decides, and
where both take as long neither is quite hidden behind the other (the roofline of Williams,
Waterman & Patterson, CACM 2009, with a rounded corner).

arithmetic = MACs x samples x s x (1 + a / inner) x (1 + b / outer), where narrow matrices
leave a part of the device idle; memory = elements x samples x m + weights x w. The numbers s, a, b
and m are of the work's kind. They are a profile's coefficients, named `arithmetic.KIND` (seconds
for each multiply-add), `inner.KIND` and `outer.KIND` (channels), `memory.KIND` (seconds for each
element), `memory.weights` (seconds for each) and `overhead` (seconds for each node).

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


class _Speed(msgspec.Struct, frozen=True):
    """Whose coefficients a kind of work has: for arithmetic, for narrow axes, and for memory."""

    arithmetic: str | None
    narrow: str | None
    memory: str


_SPEEDS: dict[WorkKind, _Speed] = {
    "dense": _Speed("dense", "dense", "dense"),
    "point": _Speed("point", "point", "point"),
    "linear": _Speed("linear", "point", "linear"),
    "matmul": _Speed("matmul", "point", "linear"),
    "attention": _Speed("attention", "point", "linear"),
    "depthwise": _Speed("depthwise", None, "depthwise"),
    "grouped": _Speed("grouped", "grouped", "grouped"),
    "batch_norm": _Speed(None, None, "batch_norm"),
    "norm": _Speed(None, None, "norm"),
    "elementwise": _Speed(None, None, "elementwise"),
    "merge": _Speed(None, None, "merge"),
    "reduce": _Speed(None, None, "reduce"),
    "pool": _Speed(None, None, "pool"),
    "softmax": _Speed(None, None, "softmax"),
    "copy": _Speed(None, None, "copy"),
}


def _coefficients() -> tuple[str, ...]:
    speeds = list(_SPEEDS.values())
    arithmetic = [f"arithmetic.{speed.arithmetic}" for speed in speeds if speed.arithmetic]
    narrow = [f"{axis}.{speed.narrow}" for axis in _AXES for speed in speeds if speed.narrow]
    memory = [f"memory.{speed.memory}" for speed in speeds]
    return tuple(dict.fromkeys([*arithmetic, *narrow, *memory, "memory.weights", "overhead"]))


_AXES = ("inner", "outer")
COEFFICIENTS = _coefficients()
"""The names of the numbers that a profile gives, each above 0."""


class Rates(msgspec.Struct, frozen=True):
    """The numbers of one kind of work, in milliseconds; those of arithmetic are 0 where there is
    none."""

    arithmetic: float
    inner: float
    outer: float
    memory: float
    weights: float
    overhead: float


def rates(coefficients: Mapping[str, float]) -> dict[WorkKind, Rates]:
    """The numbers of every kind of work, which are all there."""

    def number(group: str, name: str | None) -> float:
        return coefficients[f"{group}.{name}"] if name else 0.0

    return {
        kind: Rates(
            MILLISECONDS * number("arithmetic", speed.arithmetic),
            number("inner", speed.narrow),
            number("outer", speed.narrow),
            MILLISECONDS * number("memory", speed.memory),
            MILLISECONDS * coefficients["memory.weights"],
            MILLISECONDS * coefficients["overhead"],
        )
        for kind, speed in _SPEEDS.items()
    }


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
    each: Any = samples * rate.arithmetic
    if rate.inner:
        each = (1 + rate.inner / work.inner) * (1 + rate.outer / work.outer) * each
    arithmetic = work.macs * each
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
