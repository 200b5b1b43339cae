"""Verdicts as a report: worst first, with what is left and what costs most."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from pathlib import PurePath
from typing import Any

from sepconv_cli.budget.check import Checked
from sepconv_cli.budget.verdict import Status, Verdict
from sepconv_cli.errors import plural
from sepconv_cli.lowering.settings import plain, plain_number, shown
from sepconv_cli.metrics import unit_of
from sepconv_cli.show.table import Cell, Column, Finding, Report, Table, integer

_LOUD: frozenset[Status] = frozenset({"failed", "warned"})


def report(checked: Checked, notes: Sequence[str] = ()) -> Report:
    """All that is to be said of a check."""
    verdicts = checked.verdicts
    said = headline(verdicts, len(checked.specs))
    return Report(
        data={
            "headline": said,
            "verdicts": [_record(verdict) for verdict in verdicts],
            "notes": list(notes),
        },
        records=[_flat(verdict) for verdict in verdicts],
        tables=_tables(verdicts, notes),
        headline=said,
        findings=[_finding(verdict) for verdict in verdicts],
    )


def headline(verdicts: Sequence[Verdict], specs: int) -> str:
    """The verdict in one line."""
    counts = Counter(verdict.status for verdict in verdicts)
    if not verdicts:
        return f"no budget applies to {plural(specs, 'spec')}"
    unknown = sum(verdict.value is None for verdict in verdicts if verdict.status == "failed")
    failed, warned = counts["failed"] - unknown, counts["warned"]
    parts = [
        f"{plural(failed, 'limit')} exceeded" if failed or not unknown else "",
        f"{unknown} that can't be told" if unknown else "",
        plural(warned, "warning") if warned else "",
        f"{counts['skipped']} skipped" if counts["skipped"] else "",
        f"{counts['passed']} kept",
    ]
    return ", ".join(filter(None, parts)) + f", in {plural(specs, 'spec')}"


def _record(verdict: Verdict) -> dict[str, Any]:
    budget = verdict.budget
    return {
        "status": verdict.status,
        "id": budget.id,
        "limit_kind": verdict.kind,
        "network": verdict.case.spec.name,
        "file": verdict.case.spec.source.name,
        "variant": budget.variant,
        "settings": plain(verdict.case.settings),
        "metric": budget.metric,
        "unit": unit_of(budget.metric),
        "dtype": budget.dtype,
        "scope": list(budget.scope),
        "level": budget.level,
        "value": verdict.value,
        "limit": _number(verdict.limit),
        "left": _number(verdict.left),
        "before": verdict.before,
        "why": verdict.why,
        "notes": list(verdict.notes),
        "unused_layers": list(verdict.case.network.unused),
        "layers": [{"layer": layer, "amount": amount} for layer, amount in verdict.layers],
    }


def _number(value: Fraction | None) -> int | float | None:
    return None if value is None else plain_number(int(value) if value.denominator == 1 else value)


def _flat(verdict: Verdict) -> dict[str, Any]:
    """The record without lists and mappings, for tables of data."""
    return {
        **_record(verdict),
        "settings": shown(verdict.case.settings),
        "scope": " ".join(verdict.budget.scope),
        "notes": " ".join(verdict.notes),
        "unused_layers": " ".join(verdict.case.network.unused),
        "layers": " ".join(f"{layer}={amount}" for layer, amount in verdict.layers),
    }


def _tables(verdicts: Sequence[Verdict], notes: Sequence[str]) -> list[Table]:
    if not verdicts:
        return []
    rows = tuple(_row(verdict) for verdict in verdicts)
    columns = (
        Column("", "left"),
        Column("budget", "left"),
        Column("network", "left", rank=2),
        Column("variant", "left", rank=3),
        Column("settings", "left", rank=4),
        Column("metric", "left"),
        Column("value"),
        Column("limit"),
        Column("left", rank=1),
        Column("used", rank=2, bar=True),
        Column("most in", "left", rank=5),
    )
    kept = [at for at in range(len(columns)) if at < 2 or any(row[at].text for row in rows)]
    table = Table(
        "Budgets",
        "worst first; each for one sample",
        tuple(columns[at] for at in kept),
        (tuple(tuple(row[at] for at in kept) for row in rows),),
        (*_reasons(verdicts), *notes),
    )
    heavy = [one for one in verdicts if one.status in _LOUD and one.layers and one.value]
    return [table, *([_heaviest(heavy)] if heavy else [])]


def _reasons(verdicts: Sequence[Verdict]) -> list[str]:
    """Why limits can't be told and what a metric leaves out, each thing said once."""
    said: dict[str, list[str]] = {}
    for verdict in verdicts:
        for why in filter(None, (verdict.why, *verdict.notes)):
            said.setdefault(f"{verdict.budget.id}: {why}", []).append(verdict.case.spec.name)
    return [
        why if len(set(names)) == 1 == len(said) else f"{why} ({_some(names)})"
        for why, names in said.items()
    ]


def _some(names: Sequence[str]) -> str:
    """The first of many names."""
    known = list(dict.fromkeys(names))
    rest = f" and {len(known) - 3} more" if len(known) > 3 else ""
    return ", ".join(known[:3]) + rest


def _row(verdict: Verdict) -> tuple[Cell, ...]:
    budget = verdict.budget
    used = verdict.used
    loud = verdict.status in _LOUD
    return (
        Cell(verdict.status, tone="loud" if loud else "quiet"),
        Cell(budget.id),
        Cell(verdict.case.spec.name),
        Cell(budget.variant),
        Cell(shown(verdict.case.settings)),
        Cell(_metric(verdict)),
        Cell(integer(verdict.value)),
        Cell(_exact(verdict.limit)),
        Cell(_exact(verdict.left)),
        Cell(_percent(used), bar=None if used is None else min(used, 1.0)),
        Cell(verdict.layers[0][0] if verdict.layers and verdict.layers[0][1] else ""),
    )


def _metric(verdict: Verdict) -> str:
    """The metric with what it is of, and what it is held to."""
    budget = verdict.budget
    scope = f" of {', '.join(budget.scope)}" if budget.scope else ""
    to = budget.max_ratio.to if budget.max_ratio else ""
    held = {"max": "", "max_growth": " (growth)", "max_ratio": f" (to {to})"}[verdict.kind]
    return f"{budget.metric}{scope}{held}"


def _exact(value: Fraction | None) -> str:
    """A whole number; a limit between two is rounded down, since counts are whole."""
    return "-" if value is None else f"{value.__floor__():,}"


def _percent(used: float | None) -> str:
    if used is None:
        return ""
    if used == float("inf"):
        return "over"
    return f"{used:.1%}" if used < 100 else f"{used:,.0f} times"


def _heaviest(verdicts: Sequence[Verdict]) -> Table:
    return Table(
        "Layers that cost most",
        "the three largest, for each limit that is exceeded or warned of",
        (
            Column("budget", "left"),
            Column("network", "left"),
            Column("layer", "left"),
            Column("amount"),
            Column("share"),
        ),
        tuple(_layers(verdict) for verdict in verdicts),
        folded=True,
    )


def _layers(verdict: Verdict) -> tuple[tuple[Cell, ...], ...]:
    names = (Cell(verdict.budget.id), Cell(verdict.case.spec.name))
    nothing = (Cell(""), Cell(""))
    return tuple(
        (
            *(nothing if at else names),
            Cell(layer),
            Cell(integer(amount)),
            Cell(f"{amount / verdict.value:.1%}" if verdict.value else "-"),
        )
        for at, (layer, amount) in enumerate(verdict.layers)
    )


def _finding(verdict: Verdict) -> Finding:
    """Where the budget stands in the spec; one of a project file points at the spec's start."""
    budget, file = verdict.budget, verdict.case.spec.source.name
    in_spec = budget.place.source.name == file
    layers = [f"{layer}: {amount:,}" for layer, amount in verdict.layers]
    settings = shown(verdict.case.settings)
    subject = " ".join(filter(None, (verdict.case.spec.name, budget.variant, settings)))
    parts = (budget.id, verdict.kind, PurePath(file).as_posix(), budget.variant, settings)
    return Finding(
        rule=budget.id,
        subject=subject,
        status=verdict.status,
        message=sentence(verdict),
        fingerprint="/".join(parts),
        file=file,
        line=budget.place.line if in_spec else 1,
        column=budget.place.column if in_spec else 1,
        details="\n".join(layers),
    )


def sentence(verdict: Verdict) -> str:
    """A verdict in one sentence."""
    metric = f"{_metric(verdict)} of {verdict.case.spec.name}, {verdict.budget.variant}"
    if verdict.value is None or verdict.limit is None:
        return f"{metric}: {verdict.why}"
    left = verdict.left or Fraction(0)
    over = f"{_exact(-left)} over" if left < 0 else f"{_exact(left)} left of"
    return f"{metric}: {verdict.value:,} is {over} the limit of {_exact(verdict.limit)}"
