"""Verdicts as a report: worst first, with what is left and what costs most."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor
from pathlib import PurePath
from typing import Any

from sepconv_cli.budget.check import Checked
from sepconv_cli.budget.measured import budget_devices
from sepconv_cli.budget.verdict import Verdict, VerdictStatus
from sepconv_cli.errors import plural
from sepconv_cli.lowering.settings import plain_number, plain_settings, shown
from sepconv_cli.metrics import metric
from sepconv_cli.show.table import Cell, Column, Finding, Report, Table, amount_text, without_empty

_LOUD: frozenset[VerdictStatus] = frozenset({"failed", "warned"})


def check_report(checked: Checked, notes: Sequence[str] = ()) -> Report:
    """All that is to be said of a check."""
    verdicts = checked.verdicts
    said = check_headline(verdicts, len(checked.specs))
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


def check_headline(verdicts: Sequence[Verdict], specs: int) -> str:
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
        "settings": plain_settings(verdict.case.settings),
        "metric": budget.metric,
        "unit": metric(budget.metric).unit,
        "dtype": budget.dtype,
        **_device(verdict),
        "scope": list(budget.scope),
        "level": budget.level,
        "value": verdict.value,
        "limit": _number(verdict.limit),
        "left": _number(verdict.left),
        "before": verdict.before,
        "why": verdict.why,
        "notes": list(verdict.notes),
        "unused_layers": list(verdict.case.network.unused),
        "layers": [{"layer": layer, "amount": own} for layer, own in verdict.layers],
    }


def _device(verdict: Verdict) -> dict[str, Any]:
    """The device of a budget that names one, and the samples of a batch."""
    return {
        key: value
        for device in budget_devices(verdict.budget)
        for key, value in (("device", device.name), ("batch_size", device.batch))
    }


def _number(value: Fraction | float | None) -> int | float | None:
    whole = isinstance(value, Fraction) and value.denominator == 1
    return None if value is None else plain_number(int(value) if whole else value)


def _flat(verdict: Verdict) -> dict[str, Any]:
    """The record without lists and mappings, for tables of data."""
    return {
        **_record(verdict),
        "settings": shown(verdict.case.settings),
        "scope": " ".join(verdict.budget.scope),
        "notes": " ".join(verdict.notes),
        "unused_layers": " ".join(verdict.case.network.unused),
        "layers": " ".join(f"{layer}={own}" for layer, own in verdict.layers),
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
    of_batch = any(verdict.budget.device for verdict in verdicts)
    text = "worst first; each for one sample" + ", a latency for its batch" * of_batch
    table = Table("Budgets", text, columns, (rows,), (*_reasons(verdicts), *notes))
    heavy = [one for one in verdicts if one.status in _LOUD and one.layers and one.value]
    return [without_empty(table, keep=2), *([_heaviest(heavy)] if heavy else [])]


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
        Cell(amount_text(verdict.value)),
        Cell(_limit(verdict)),
        Cell(amount_text(_left(verdict))),
        Cell(_percent(verdict), bar=None if used is None else min(used, 1.0)),
        Cell(verdict.layers[0][0] if verdict.layers and verdict.layers[0][1] else ""),
    )


def _metric(verdict: Verdict) -> str:
    """The metric with what it is of, and what it is held to."""
    budget = verdict.budget
    scope = f" of {', '.join(budget.scope)}" if budget.scope else ""
    to = budget.max_ratio.to if budget.max_ratio else ""
    held = {"max_growth": " (growth)", "max_ratio": f" (to {to})", "min": " (least)"}
    on = f" on {budget.device} (ms)" if budget.device else ""
    return f"{budget.metric}{on}{scope}{held.get(verdict.kind, '')}"


def _limit(verdict: Verdict) -> str:
    """The limit; one between two whole numbers as the last number that keeps it."""
    limit = verdict.limit
    if limit is None or not metric(verdict.budget.metric).is_whole:
        return amount_text(None if limit is None else float(limit))
    return amount_text(ceil(limit) if verdict.kind == "min" else floor(limit))


def _left(verdict: Verdict) -> int | float | None:
    """What is left to the limit as it is shown, below zero where that is past."""
    left = verdict.left
    return floor(left) if isinstance(left, Fraction) else left


def _percent(verdict: Verdict) -> str:
    used = verdict.used
    if used is None:
        return ""
    if used == float("inf"):
        return "none" if verdict.kind == "min" else "over"
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
    adds_up = metric(verdict.budget.metric).combine == "sum"
    return tuple(
        (
            *(nothing if at else names),
            Cell(layer),
            Cell(amount_text(own)),
            Cell(f"{own / verdict.value:.1%}" if adds_up and verdict.value else "-"),
        )
        for at, (layer, own) in enumerate(verdict.layers)
    )


def _finding(verdict: Verdict) -> Finding:
    """Where the budget stands in the spec; one of a project file points at the spec's start."""
    budget, file = verdict.budget, verdict.case.spec.source.name
    in_spec = budget.place.source.name == file
    layers = [f"{layer}: {amount_text(own)}" for layer, own in verdict.layers]
    settings = shown(verdict.case.settings)
    subject = " ".join(filter(None, (verdict.case.spec.name, budget.variant, settings)))
    parts = (budget.id, verdict.kind, PurePath(file).as_posix(), budget.variant, settings)
    return Finding(
        rule=budget.id,
        subject=subject,
        status=verdict.status,
        message=verdict_sentence(verdict),
        fingerprint="/".join(parts),
        file=file,
        line=budget.place.line if in_spec else 1,
        column=budget.place.column if in_spec else 1,
        details="\n".join(layers),
    )


def verdict_sentence(verdict: Verdict) -> str:
    """A verdict in one sentence."""
    subject = f"{_metric(verdict)} of {verdict.case.spec.name}, {verdict.budget.variant}"
    value, left = verdict.value, _left(verdict)
    if value is None or left is None:
        return f"{subject}: {verdict.why}"
    is_least = verdict.kind == "min"
    if left < 0:
        margin = f"{amount_text(-left)} {'short of' if is_least else 'over'}"
    else:
        margin = f"{amount_text(left)} {'over' if is_least else 'left of'}"
    limit = f"the {'least' if is_least else 'limit'} of {_limit(verdict)}"
    return f"{subject}: {amount_text(value)} is {margin} {limit}"
