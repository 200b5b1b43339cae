"""A reconciliation as a report: terms against conventions, and the sentences between them."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from sepconv_cli.conventions import TERMS, Convention, Style, Term, opaque_sentences, unknown_ops
from sepconv_cli.errors import plural
from sepconv_cli.lowering.choose import Case
from sepconv_cli.lowering.settings import plain_number, plain_settings, shown
from sepconv_cli.reconcile.against import STYLES, Match, Printed
from sepconv_cli.reconcile.against_report import against_table
from sepconv_cli.reconcile.breakdown import Breakdown, ToolRun, beside
from sepconv_cli.show.table import Cell, Column, Report, Table, integer

_UNITS = {
    "MAC": "counted in multiply-adds (MACs)",
    "FLOP": "counted in single operations (FLOPs)",
}


class Reconciliation(msgspec.Struct, frozen=True):
    """Every convention's breakdown of one network, the default first, and a number to look for."""

    case: Case
    style: Style
    columns: tuple[Breakdown, ...]
    number: Printed | None
    matches: Sequence[Match]


def reconciliation_report(result: Reconciliation) -> Report:
    """All that is to be said of a reconciliation."""
    tables = [
        _table(result, unit)
        for unit in _UNITS
        if _of_unit(result, unit) or (len(result.columns) == 1 and unit == "MAC")
    ]
    if len(result.columns) > 1:
        tables.append(_differences(result))
    if result.number:
        tables.insert(
            0, against_table(_title(result.case), result.columns, result.number, result.matches)
        )
    return Report(_document(result), list(_records(result)), tables)


def _document(result: Reconciliation) -> dict[str, Any]:
    document = {
        **_heading(result.case),
        "unused_layers": list(result.case.network.unused),
        "conventions": [_entry(column) for column in result.columns],
    }
    if result.number:
        document["against"] = {
            "text": result.number.text,
            "value": plain_number(result.number.value),
            "matches": [
                {
                    "convention": match.breakdown.convention.name,
                    "count": match.count,
                    "written": match.written,
                    "fits": match.fits,
                }
                for match in result.matches
            ],
        }
    return document


def _heading(case: Case) -> dict[str, Any]:
    return {
        "network": case.spec.name,
        "file": case.spec.source.name,
        "settings": plain_settings(case.settings),
        "variant": case.variant.name,
        "input": str(case.network.input),
        **({"note": case.spec.note} if case.spec.note else {}),
    }


def _entry(column: Breakdown) -> dict[str, Any]:
    return {
        "convention": column.convention.name,
        "unit": column.convention.unit,
        "count": column.count,
        "terms": dict(column.terms),
        "not_counted": [gap for gap in msgspec.to_builtins(column.gaps) if not gap["reason"]],
        "not_comparable": [gap for gap in msgspec.to_builtins(column.gaps) if gap["reason"]],
        "run": msgspec.to_builtins(column.run),
    }


def _records(result: Reconciliation) -> Iterable[dict[str, Any]]:
    """A record for each term of each convention, and one for the sum."""
    case = result.case
    unused = " ".join(case.network.unused)
    head = {**_heading(case), "settings": shown(case.settings), "unused_layers": unused}
    for column in result.columns:
        named = {"convention": column.convention.name, "unit": column.convention.unit}
        for term, amount in column.terms.items():
            yield {**head, **named, "term": term, "count": amount, "run": None}
        status = column.run.status if column.run else None
        yield {**head, **named, "term": "sum", "count": column.count, "run": status}


def _of_unit(result: Reconciliation, unit: str) -> list[Breakdown]:
    """The columns of one unit but the default."""
    return [column for column in result.columns[1:] if column.convention.unit == unit]


def _table(result: Reconciliation, unit: str) -> Table:
    """Terms down, conventions across; each column adds up to its tool's number."""
    default = result.columns[0]
    columns = [default, *_of_unit(result, unit)]
    shown = [term for term in TERMS if any(term in column.terms for column in columns)]
    groups = [[_term(term, columns) for term in shown], [_sum(columns)]]
    if any(column.run for column in columns):
        groups[1].append((Cell("the tool itself"), *(_ran(column.run) for column in columns)))
    return Table(
        f"{_title(result.case)}   {_UNITS[unit]}",
        "what each convention counts, for one sample; a dash is not counted" + _written(result),
        (
            Column("term", "left"),
            *(Column(_named(c.convention, unit), rank=at) for at, c in enumerate(columns)),
        ),
        tuple(tuple(group) for group in groups),
    )


def _named(convention: Convention, unit: str) -> str:
    """A convention's name, with its unit where the table is in another."""
    name = convention.name
    return name if convention.unit == unit else f"{name} ({convention.unit}s)"


def _written(result: Reconciliation) -> str:
    written = [words for words, style in STYLES.items() if words and style == result.style]
    return f"; {written[0]}" if written else ""


def _title(case: Case) -> str:
    parts = (case.spec.name, str(case.network.input), case.variant.name, shown(case.settings))
    return "   ".join(filter(None, parts))


def _term(term: Term, columns: Sequence[Breakdown]) -> tuple[Cell, ...]:
    return Cell(term), *(Cell(integer(column.terms.get(term))) for column in columns)


def _sum(columns: Sequence[Breakdown]) -> tuple[Cell, ...]:
    counts = [
        Cell(integer(column.count)) if column.count is not None else Cell("not comparable")
        for column in columns
    ]
    return Cell("sum"), *counts


def _ran(run: ToolRun | None) -> Cell:
    if run is None:
        return Cell("-", tone="quiet")
    if run.status == "differs":
        return Cell(f"DIFFERS: {run.measured:,}", tone="loud")
    if run.status == "not comparable" and run.measured is not None:
        return Cell(f"{run.status}: {run.measured:,}", tone="quiet")
    return Cell(run.status, tone="quiet")


def _differences(result: Reconciliation) -> Table:
    """What makes each number differ from the default: the terms, and how they are counted."""
    default, *columns = result.columns
    note = result.case.spec.note
    groups = [_reasons(default, column) for column in columns]
    return Table(
        f"What makes the difference to {default.convention.name}",
        "one sentence for each term; what is counted and what not is the tool's own choice",
        (
            Column("convention", "left"),
            Column("term", "left"),
            Column("difference"),
            Column("how it counts", "left", wrap=True),
        ),
        tuple(tuple(group) for group in groups),
        (*_left_out(columns), *([note] if note else [])),
    )


def _reasons(default: Breakdown, column: Breakdown) -> list[tuple[Cell, ...]]:
    convention = column.convention
    rows = [
        (Cell(term), Cell(f"{amount:+,}"), Cell(convention.reasons[term]))
        for term, amount in beside(default, column)
    ] or [(Cell("-"), Cell("0"), Cell("the same number"))]
    if column.count is None:
        rows = [(Cell("-"), Cell("-"), Cell("not comparable"))]
    return [(Cell("" if at else convention.name), *row) for at, row in enumerate(rows)]


def _left_out(columns: Sequence[Breakdown]) -> Iterable[str]:
    """What tools have no rule for, and what can't be compared, each thing said once."""
    unknown: dict[str, list[str]] = {}
    for column in columns:
        for op, count in unknown_ops(column.gaps).items():
            key = f"{op} ({plural(count, 'layer')})"
            unknown.setdefault(key, []).append(column.convention.name)
    if unknown:
        said = "; ".join(f"{op} in {', '.join(tools)}" for op, tools in unknown.items())
        yield f"Not counted, for want of a rule: {said}."
    yield from opaque_sentences(columns[0].gaps if columns else ())
    reasons: dict[str, list[str]] = {}
    for column in columns:
        for gap in column.gaps:
            if gap.reason is not None:
                key = f"{gap.layer} ({gap.op}), {gap.reason}"
                reasons.setdefault(key, []).append(column.convention.name)
    for why, tools in reasons.items():
        yield f"Not comparable in {', '.join(tools)}: {why}."
