"""Costs against limits: one verdict for each limit of a budget and each setting.

Budgets are read in language/budgets.py; what a network cost before is in history/.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Literal

import msgspec

from sepconv_cli.budget.measured import Measured, budget_devices, measure
from sepconv_cli.errors import Problem, SpecError, did_you_mean
from sepconv_cli.language.model import Budget, Growth, Spec
from sepconv_cli.lowering.choose import Case, cases
from sepconv_cli.lowering.prune import unused_sentence
from sepconv_cli.lowering.settings import Settings, grid
from sepconv_cli.metrics import Scope

LimitKind = Literal["max", "min", "max_growth", "max_ratio"]
VerdictStatus = Literal["failed", "warned", "skipped", "passed"]
ORDER: tuple[VerdictStatus, ...] = ("failed", "warned", "skipped", "passed")


class Before(msgspec.Struct, frozen=True):
    """What a metric was in the baseline; None where it can't be told, and `why`."""

    value: int | float | None
    why: str = ""


Baseline = Callable[[Spec, Budget, Settings], Before]
NO_BASELINE = Before(None, "no baseline is given")


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What one limit of a budget says of a network with one choice of settings.

    `limit` is the most that `value` may be, or for `min` the least; None where that can't be told,
    which `why` explains. `notes` say what the metric leaves out, and which layers lead to no
    output. `layers` are those that are to blame, the worst first, with what they cost.
    """

    budget: Budget
    kind: LimitKind
    case: Case
    status: VerdictStatus
    value: int | float | None
    limit: Fraction | None = None
    before: int | float | None = None
    why: str = ""
    notes: tuple[str, ...] = ()
    layers: tuple[tuple[str, int | float], ...] = ()

    @property
    def left(self) -> Fraction | float | None:
        """The margin: how far the value is from the limit, below zero where it is past it."""
        if self.limit is None or self.value is None:
            return None
        left = self.limit - self.value
        return -left if self.kind == "min" else left

    @property
    def used(self) -> float | None:
        """The share of the limit, or for `min` the limit's share of the value; infinite where
        nothing is allowed and something is there."""
        if self.limit is None or self.value is None:
            return None
        part, whole = (self.limit, self.value) if self.kind == "min" else (self.value, self.limit)
        if not whole:
            return float("inf") if part else 1.0
        return float(part / whole)


def verdicts(spec: Spec, budget: Budget, baseline: Baseline | None = None) -> Iterator[Verdict]:
    """What a budget says of a spec. Raises SpecError where it doesn't fit the spec."""
    for settings in budget_settings(budget):
        case = _case(spec, budget, budget.variant, settings)
        measured = measured_by(budget, case)
        if budget.max is not None:
            yield _judged("max", budget, case, measured, budget.max)
        if budget.min is not None:
            yield _judged("min", budget, case, measured, budget.min)
        if budget.max_ratio is not None:
            other = measured_by(budget, _case(spec, budget, budget.max_ratio.to, settings))
            limit = None if other.value is None else budget.max_ratio.value * Fraction(other.value)
            yield _judged("max_ratio", budget, case, measured, limit, why=other.why)
        if budget.max_growth is not None:
            before = baseline(spec, budget, settings) if baseline else NO_BASELINE
            limit = None if before.value is None else _grown(before.value, budget.max_growth)
            yield _judged("max_growth", budget, case, measured, limit, before.value, before.why)


def measured_by(budget: Budget, case: Case) -> Measured:
    """A budget's metric of a network. Raises SpecError where its scope fits no layer, or where its
    device isn't known."""
    nodes = case.network.nodes
    for pattern in budget.scope:
        if not any(_fits(node.layer, [pattern]) for node in nodes):
            known = list(dict.fromkeys(node.layer for node in nodes))
            message = f"{pattern!r} of the budget {budget.id} fits no layer of {case.spec.name}"
            hint = did_you_mean(pattern, known)
            raise SpecError([Problem(message, budget.place, hint)])
    where = None
    if budget.scope:
        where = tuple(at for at, node in enumerate(nodes) if _fits(node.layer, budget.scope))
    try:
        devices = budget_devices(budget)
    except SpecError as error:
        raise _placed(budget, error) from error
    return measure(Scope(case.network, where), budget.metric, budget.dtype, devices)


def worst_first(found: Iterable[Verdict]) -> list[Verdict]:
    """Failed before warned, skipped and passed, and in each what uses most of its limit."""
    return sorted(found, key=lambda one: (ORDER.index(one.status), -(one.used or 0)))


def budget_settings(budget: Budget) -> list[Settings]:
    """What a budget sets, each combination once. Raises SpecError with the budget's place."""
    try:
        return grid(budget.settings)
    except SpecError as error:
        raise _placed(budget, error) from error


def _case(spec: Spec, budget: Budget, variant: str, settings: Settings) -> Case:
    try:
        (case,) = cases(spec, [settings], [variant])
    except SpecError as error:
        raise _placed(budget, error) from error
    return case


def _placed(budget: Budget, error: SpecError) -> SpecError:
    """What is wrong with a budget's settings, where the budget stands."""
    problems = [
        Problem(f"the budget {budget.id}: {problem.message}", budget.place, problem.hint)
        if problem.place is None
        else problem
        for problem in error.problems
    ]
    if all(problem.place is not budget.place for problem in problems) and budget.settings:
        written = ", ".join(budget.settings)
        problems.append(Problem(f"that is with {written} of the budget {budget.id}", budget.place))
    return SpecError(problems)


def _fits(layer: str, patterns: Sequence[str]) -> bool:
    """Whether a pattern fits the layer's name, or that of a list that it is in."""
    parts = layer.split(".")
    names = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _grown(before: int | float, growth: Growth) -> Fraction:
    """The most that is no growth too much: exceeded when each of the given limits is."""
    exact = Fraction(before)
    allowed = [growth.at_least or Fraction(0)]
    if growth.percent is not None:
        allowed.append(exact * growth.percent / 100)
    return exact + max(allowed)


def _judged(
    kind: LimitKind,
    budget: Budget,
    case: Case,
    measured: Measured,
    limit: Fraction | None,
    before: int | float | None = None,
    why: str = "",
) -> Verdict:
    unused = case.network.unused
    return Verdict(
        budget=budget,
        kind=kind,
        case=case,
        status=_status(kind, budget, measured.value, limit),
        value=measured.value,
        limit=limit,
        before=before,
        why=measured.why or why,
        notes=(*measured.notes, *([unused_sentence(unused)] if unused else [])),
        layers=tuple(_worst(kind, measured.layers)),
    )


def _worst(
    kind: LimitKind, layers: Sequence[tuple[str, int | float]]
) -> list[tuple[str, int | float]]:
    """The three layers that are to blame: the largest, or where too little is there the least."""
    return sorted(layers, key=lambda layer: layer[1] if kind == "min" else -layer[1])[:3]


def _status(
    kind: LimitKind, budget: Budget, value: int | float | None, limit: Fraction | None
) -> VerdictStatus:
    if kind == "max_growth" and limit is None:
        return "skipped"
    # What can't be compared isn't within a budget.
    if value is None or limit is None or _is_past(kind, value, limit):
        return "failed" if budget.level == "error" else "warned"
    return "passed"


def _is_past(kind: LimitKind, value: int | float, limit: Fraction) -> bool:
    """Whole numbers are compared exactly, others to the digits that a float has."""
    held_to = limit if isinstance(value, int) else float(limit)
    return value < held_to if kind == "min" else value > held_to
