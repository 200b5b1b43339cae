"""A sweep as a report: what was swept, what is invalid and why, the ranges, the points found."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sepconv_cli.errors import plural, show
from sepconv_cli.metrics import about_devices
from sepconv_cli.show.table import Cell, Column, Report, Table, integer, ratio
from sepconv_cli.sweep.goals import Goal
from sepconv_cli.sweep.grid import Axis
from sepconv_cli.sweep.metrics import Metrics
from sepconv_cli.sweep.run import Seen, SweepOutcome
from sepconv_cli.sweep.table import REASON, VARIANT, columns_of, point_columns

SHOWN = 20
REASONS = 5


def sweep_report(
    outcome: SweepOutcome,
    most: int = SHOWN,
    unused: Sequence[str] = (),
    opaque: Sequence[str] = (),
) -> Report:
    """All that is to be said of a sweep; it lists so many points at the most.

    `unused` are the layers that lead to no output, `opaque` says what nobody can tell, with the
    elements at the first point.
    """
    rows = list(_rows(outcome, most))
    question = outcome.sweep.question
    counting = question.metrics.convention
    asked = _is_asked(outcome)
    return Report(
        data={
            "network": question.spec.name,
            "convention": counting.name,
            "unit": counting.unit,
            **about_devices(question.metrics.devices),
            "points": outcome.sweep.grid.size,
            "checked": outcome.checked,
            "unused_layers": list(unused),
            "variants": [_variant(name, seen) for name, seen in outcome.seen.items()],
            "invalid": [
                {"reason": reason, "count": count, "example": example}
                for reason, count, example in _reasons(outcome)
            ],
            "found": outcome.found,
            "rows": rows if asked else [],
        },
        records=rows,
        tables=[_ranges(outcome, opaque), *([_points(outcome, rows, most)] if asked else [])],
    )


def axis_text(axis: Axis) -> str:
    """`width 0.25 to 1.5 (126 values)`, or the values where they are few."""
    if axis.size <= 4:
        return f"{axis.name} {', '.join(show(axis.value(i)) for i in range(axis.size))}"
    ends = f"{show(axis.value(0))} to {show(axis.value(axis.size - 1))}"
    return f"{axis.name} {ends} ({axis.size:,} values)"


def label(metrics: Metrics, name: str) -> str:
    """What stands over the column of a number."""
    return metrics.title(name)


def _is_asked(outcome: SweepOutcome) -> bool:
    return outcome.plan.searches or outcome.sweep.question.where is not None


def _variant(name: str, seen: Seen) -> dict[str, Any]:
    return {
        "variant": name,
        "points": seen.points,
        "invalid": sum(seen.reasons.values()),
        "chosen": seen.chosen,
        "ranges": {
            metric: [_number(low), _number(high)] for metric, (low, high) in seen.ranges.items()
        },
    }


def _number(value: Any) -> int | float:
    return float(value) if isinstance(value, float) else int(value)


def _ranges(outcome: SweepOutcome, opaque: Sequence[str]) -> Table:
    question = outcome.sweep.question
    names = [name for name in question.wanted if _is_shown(outcome, name)]
    titles = [label(question.metrics, name) for name in names]
    filtered = question.where is not None
    columns = (
        Column("variant", "left"),
        Column("points"),
        Column("invalid"),
        *((Column("fit"),) if filtered else ()),
        *(
            Column(f"{end} {title}", rank=rank)
            for rank, title in enumerate(titles)
            for end in ("least", "most")
        ),
    )
    lines = []
    for name, seen in outcome.seen.items():
        ranges = [seen.ranges.get(metric) for metric in names]
        cells = [Cell(name), Cell(integer(seen.points)), Cell(integer(sum(seen.reasons.values())))]
        if filtered:
            cells.append(Cell(integer(seen.chosen)))
        for found in ranges:
            cells += [Cell(_text(end)) for end in (found or (None, None))]
        lines.append(tuple(cells))
    axes = "; ".join(axis_text(axis) for axis in outcome.sweep.grid.axes)
    counting = question.metrics.convention
    on = "".join(f"; {one.words}" for one in question.metrics.devices)
    where = f"\nwhere {question.where.text}" if question.where else ""
    return Table(
        f"{question.spec.name}   {plural(outcome.sweep.grid.size, 'point')}: {axes}",
        f"convention {counting.name}: {counting.meaning}{on}{where}",
        columns,
        (tuple(lines),),
        (*_notes(outcome), *opaque),
    )


def _is_shown(outcome: SweepOutcome, name: str) -> bool:
    """The bytes follow from the counts; they are shown where they were asked for."""
    metrics = outcome.sweep.question.metrics
    asked = {goal.name for goal in (*outcome.plan.pareto, outcome.plan.by)}
    where = outcome.sweep.question.where
    read = {metrics.name(each) for each in where.names} if where else set()
    return name in metrics.shown or name in asked | read


def _notes(outcome: SweepOutcome) -> Iterator[str]:
    found = _reasons(outcome)
    for reason, count, example in found[:REASONS]:
        yield f"{count:,} invalid: {reason} (first at {example})"
    if len(found) > REASONS:
        rest = sum(count for _, count, _ in found[REASONS:])
        yield f"{rest:,} invalid for {plural(len(found) - REASONS, 'more reason')}"


def _reasons(outcome: SweepOutcome) -> list[tuple[str, int, str]]:
    """Why points are invalid, the most frequent reason first, with the first point of each."""
    counts = sum((seen.reasons for seen in outcome.seen.values()), Counter[int]())
    reasons = outcome.sweep.reasons
    return [
        (str(reasons[number]), count, _settings(outcome, reasons[number].point))
        for number, count in counts.most_common()
    ]


def _settings(outcome: SweepOutcome, point: int) -> str:
    settings = outcome.sweep.grid.settings(point)
    return " ".join(f"{name}={show(value)}" for name, value in settings.items())


def _rows(outcome: SweepOutcome, most: int) -> Iterator[dict[str, Any]]:
    if outcome.shown is None:
        return
    points = outcome.shown.taken(slice(most))
    fields = [each for each in columns_of(outcome.sweep) if each.name != REASON]
    columns = point_columns(outcome.sweep, fields, points)
    names = [column.field.name for column in columns]
    for row in zip(*(column.listed() for column in columns), strict=True):
        yield dict(zip(names, row, strict=True))


def _points(outcome: SweepOutcome, rows: Sequence[dict[str, Any]], most: int) -> Table:
    sweep, plan = outcome.sweep, outcome.plan
    axes = [axis.name for axis in sweep.grid.axes]
    names = [name for name in sweep.question.wanted if _is_shown(outcome, name)]
    metrics = sweep.question.metrics
    columns = (
        *(Column(name) for name in axes),
        Column("variant", "left"),
        *(Column(label(metrics, name)) for name in names),
    )
    shown = rows[:most]
    lines = tuple(
        (
            *(Cell(_setting(row[name])) for name in axes),
            Cell(row[VARIANT]),
            *(Cell(_text(row[name])) for name in names),
        )
        for row in shown
    )
    more = outcome.found - len(shown)
    counts = plan.top is None or bool(plan.pareto)
    notes = (f"and {plural(more, 'more point')}; -o FILE writes them all",)
    return Table(
        _title(outcome),
        f"{len(shown):,} shown",
        columns,
        (lines,),
        notes if more > 0 and counts else (),
    )


def _title(outcome: SweepOutcome) -> str:
    plan = outcome.plan
    metrics = outcome.sweep.question.metrics
    if plan.pareto:
        goals = ", ".join(_goal(metrics, each) for each in plan.pareto)
        return f"not beaten in {goals}: {plural(outcome.found, 'point')}"
    if plan.top is not None:
        return f"{_goal(metrics, plan.by)} first, of {plural(outcome.found, 'point')}"
    return f"{plural(outcome.found, 'point')} where {outcome.sweep.question.where.text}"  # type: ignore[union-attr]


def _goal(metrics: Metrics, wanted: Goal) -> str:
    return f"{'largest' if wanted.most else 'smallest'} {label(metrics, wanted.name)}"


def _setting(value: Any) -> str:
    return show(value) if isinstance(value, (bool, int)) else f"{value:.10g}"


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return ratio(float(value)) if isinstance(value, float) else integer(int(value))
