"""Drawing a device's numbers from measured networks: the formula, turned round.

Minimised is the sum over networks of log(1 + (e / s)^2 / 4) of their log errors e, so that a few
odd ones don't bend the rest, and what the prior says against the logarithms of the numbers. The
derivatives are the formula's own; the steps are those of Levenberg and Marquardt, reweighted.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from sepconv_cli.errors import UsageError, plural
from sepconv_cli.latency.formula import COEFFICIENTS, SPEEDS, coefficient_of
from sepconv_cli.latency.prior import Prior
from sepconv_cli.latency.work import Workload

LEAST = 5
"""From fewer networks nothing is drawn."""

SPREAD = 0.05
"""The log error that a network may well have: the formula is no more exact."""

_STEPS = 200
_ENOUGH = 1e-6
"""A step that gains less than this share of the loss is the last one."""

Floats = NDArray[np.float64]


class TimedNetwork(msgspec.Struct, frozen=True):
    """How many seconds a network took for a batch of so many samples.

    `works` are its nodes' work, and how many nodes have it.
    """

    name: str
    works: tuple[tuple[Workload, int], ...]
    samples: int
    seconds: float

    @property
    def macs(self) -> int:
        """The multiply-adds of one sample."""
        return sum(work.macs * many for work, many in self.works)


class WorkRows(msgspec.Struct, frozen=True):
    """The work of many networks, side by side: an element of each array for each kind of node."""

    networks: int
    of: NDArray[np.intp]
    many: Floats
    samples: Floats
    numbers: Mapping[str, Floats]
    groups: Mapping[str, NDArray[np.intp]]
    products: Floats


_NUMBERS = ("macs", "inner", "outer", "uneven", "elements", "weights")
_GROUPS = ("arithmetic", "inner", "outer", "uneven", "extra", "memory")
_AT = {name: at for at, name in enumerate(COEFFICIENTS)}
_NONE = len(COEFFICIENTS)


def rows_of(measured: Sequence[TimedNetwork]) -> WorkRows:
    """TimedNetwork networks as the fit reads them."""
    flat = [
        (at, many, each.samples, work)
        for at, each in enumerate(measured)
        for work, many in each.works
    ]
    works = [work for *_, work in flat]

    def floats(values: Iterator[Any]) -> Floats:
        return np.fromiter(values, float, len(flat))

    return WorkRows(
        len(measured),
        np.array([at for at, *_ in flat], int),
        floats(many for _, many, *_ in flat),
        floats(samples for _, _, samples, _ in flat),
        {name: floats(getattr(work, name) for work in works) for name in _NUMBERS},
        {group: np.array([_INDEX[group, work.kind] for work in works], int) for group in _GROUPS},
        floats(SPEEDS[work.kind].arithmetic is not None for work in works),
    )


_INDEX = {
    (group, kind): _AT.get(coefficient_of(group, kind) or "", _NONE)
    for group in _GROUPS
    for kind in SPEEDS
}


def seconds_of(logs: Floats, rows: WorkRows) -> Floats:
    """The networks' times by the formula, with the logarithms of its coefficients."""
    return _times(logs, rows)[0]


def _times(logs: Floats, rows: WorkRows) -> tuple[Floats, Floats]:
    """The networks' times, and their derivatives by the logarithm of each coefficient."""
    value = np.append(np.exp(logs), 0.0)
    given = {group: value[index] for group, index in rows.groups.items()}
    number = rows.numbers
    filling = number["weights"] * given["extra"]
    positions = number["macs"] * rows.samples + filling
    factors = {
        "inner": given["inner"] / number["inner"],
        "outer": given["outer"] / number["outer"],
        "uneven": given["uneven"] * number["uneven"],
    }
    arithmetic = positions * given["arithmetic"]
    for factor in factors.values():
        arithmetic = arithmetic * (1 + factor)
    moved = number["elements"] * rows.samples * given["memory"]
    read = number["weights"] * value[_AT["memory.weights"]]
    memory = moved + read
    longest = np.maximum(np.maximum(arithmetic, memory), 1e-300)
    corner = longest * ((arithmetic / longest) ** 4 + (memory / longest) ** 4) ** 0.25
    launch, product = value[_AT["overhead"]], rows.products * value[_AT["overhead.product"]]
    by_arithmetic = (arithmetic / np.maximum(corner, 1e-300)) ** 3
    by_memory = (memory / np.maximum(corner, 1e-300)) ** 3
    derivatives = _Derivatives(rows)
    derivatives.add(rows.groups["arithmetic"], by_arithmetic * arithmetic)
    share = filling / np.maximum(positions, 1e-300)
    derivatives.add(rows.groups["extra"], by_arithmetic * arithmetic * share)
    for name, factor in factors.items():
        derivatives.add(rows.groups[name], by_arithmetic * arithmetic * factor / (1 + factor))
    derivatives.add(rows.groups["memory"], by_memory * moved)
    derivatives.add(_AT["memory.weights"], by_memory * read)
    derivatives.add(_AT["overhead"], np.full_like(corner, launch))
    derivatives.add(_AT["overhead.product"], product)
    seconds = (corner + launch + product) * rows.many
    times: Floats = np.bincount(rows.of, seconds, rows.networks).astype(float)
    return times, derivatives.found[:, :_NONE]


class _Derivatives:
    """A row for each network, a column for each coefficient and one for what has none."""

    def __init__(self, rows: WorkRows) -> None:
        self.rows = rows
        self.found = np.zeros((rows.networks, _NONE + 1))

    def add(self, index: NDArray[np.intp] | int, values: Floats) -> None:
        rows, columns = self.rows, _NONE + 1
        places = rows.of * columns + index
        sums = np.bincount(places, values * rows.many, rows.networks * columns)
        self.found += sums.reshape(rows.networks, columns)


def fitted(measured: Sequence[TimedNetwork], prior: Prior) -> dict[str, float]:
    """The coefficients that explain the measurements, close to what is usual where they are mute.

    Raises UsageError where there are too few, or where no coefficients explain them.
    """
    if len(measured) < LEAST:
        raise UsageError(
            f"{plural(len(measured), 'network')} measured, but a profile takes {LEAST} at least",
            "ten make a rough profile, forty a good one",
        )
    rows, seconds = rows_of(measured), np.array([each.seconds for each in measured])
    logs = _least(rows, seconds, prior)
    return {name: float(f"{np.exp(log):.4g}") for name, log in zip(COEFFICIENTS, logs, strict=True)}


def _least(rows: WorkRows, seconds: Floats, prior: Prior) -> Floats:
    """The logarithms of the coefficients with the least loss."""
    middle, stiffness = prior.arrays()
    logs: Floats = middle.copy()
    damping = 1e-2

    def loss(logs: Floats) -> float:
        error = np.log(seconds_of(logs, rows) / seconds) / SPREAD
        away = logs - middle
        return float((4 * np.log1p(error**2 / 4)).sum() + away @ stiffness @ away)

    least = loss(logs)
    for _ in range(_STEPS):
        times, derivatives = _times(logs, rows)
        error = np.log(times / seconds) / SPREAD
        slopes = derivatives / times[:, None] / SPREAD
        weighed = slopes * (1 / (1 + error**2 / 4))[:, None]
        curvature = weighed.T @ slopes + stiffness
        downhill = weighed.T @ error + stiffness @ (logs - middle)
        for _ in range(12):
            damped = curvature + damping * np.diag(np.diag(curvature))
            step = np.clip(np.linalg.solve(damped, -downhill), -1.5, 1.5)
            found = loss(logs + step)
            if found < least:
                break
            damping *= 5
        else:
            return logs
        logs, damping = logs + step, max(damping / 4, 1e-7)
        if least - found < _ENOUGH * least:
            return logs
        least = found
    raise UsageError(
        "the measurements can't be explained: no coefficients were found in "
        f"{plural(_STEPS, 'step')}",
        "are the seconds those of whole batches, and the networks those that were measured?",
    )
