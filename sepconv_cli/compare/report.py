"""A comparison as a report: its JSON document, its flat records, its tables."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import msgspec

from sepconv_cli.compare.comparison import Comparison
from sepconv_cli.compare.rows import Figures, Row
from sepconv_cli.conventions import Convention, sentences
from sepconv_cli.lowering.prune import unused_sentence
from sepconv_cli.lowering.settings import shown
from sepconv_cli.show.table import Cell, Column, Report, Table, integer, ratio

PENDING = "..."


def _figures(rule: Convention) -> tuple[Column, ...]:
    return (
        Column("parameters"),
        Column("ratio", rank=1, bar=True),
        Column(rule.title),
        Column("ratio", rank=1, bar=True),
        Column("activations", rank=3),
        Column("weight bytes", rank=4),
        Column("activation bytes", rank=5),
        Column("peak bytes", rank=4),
        Column(f"traced {rule.unit}s", rank=2),
        Column("engines", align="left"),
    )


def report(comparison: Comparison, pending: bool = False) -> Report:
    """All that is to be said of a comparison; `pending` marks traces that are still to come."""
    per_layer = any(row.layers for row in comparison.rows)
    return Report(
        data={
            "convention": comparison.convention.name,
            "unit": comparison.convention.unit,
            "dtype": comparison.dtype,
            "rows": [_record(row, per_layer) for row in comparison.rows],
        },
        records=list(_records(comparison)),
        tables=[*_tables(comparison, pending), *_layer_tables(comparison, pending)],
    )


def _record(row: Row, per_layer: bool) -> dict[str, Any]:
    record: dict[str, Any] = msgspec.to_builtins(row)
    found = record.pop("gaps")
    record["not_counted"] = [gap for gap in found if gap["reason"] is None]
    record["not_comparable"] = [gap for gap in found if gap["reason"] is not None]
    if not per_layer:
        del record["layers"]
    return record


def _records(comparison: Comparison) -> Iterable[dict[str, Any]]:
    """A flat record for each row, or for each layer of it."""
    for row in comparison.rows:
        record = _record(row, True)
        layers = record.pop("layers")
        record["settings"] = shown(row.settings)
        for kind in ("not_counted", "not_comparable"):
            record[kind] = " ".join(gap["layer"] for gap in record[kind])
        record["unused_layers"] = " ".join(row.unused_layers)
        rule = comparison.convention
        head = {"convention": rule.name, "unit": rule.unit, "dtype": comparison.dtype}
        names = {key: record[key] for key in ("network", "file", "settings", "variant")}
        if not layers:
            yield {**head, **names, **record}
        for layer in layers:
            del layer["parts"]
            yield {**head, **names, **layer}


def _tables(comparison: Comparison, pending: bool) -> Iterable[Table]:
    """A table for each network, a group of rows for each setting."""
    for (name, _), grouped in groupby(comparison.rows, lambda row: (row.network, row.file)):
        rows = list(grouped)
        inputs = {row.input for row in rows}
        varied = bool(rows[0].settings)
        longest = _longest(rows)
        groups = [list(group) for _, group in groupby(rows, lambda row: row.settings)]
        yield _table(
            comparison,
            f"{name}   {inputs.pop()}" if len(inputs) == 1 else name,
            (*((Column("settings", "left"),) if varied else ()), Column("variant", "left")),
            [
                [
                    (
                        *((Cell(shown(row.settings) if first else ""),) if varied else ()),
                        Cell(row.variant),
                        *_cells(row, longest, pending),
                    )
                    for first, row in zip((True, *[False] * len(group)), group, strict=False)
                ]
                for group in groups
            ],
            _notes(comparison, rows),
        )


def _layer_tables(comparison: Comparison, pending: bool) -> Iterable[Table]:
    """A table of the layers of each row; the parts of a rewritten layer stand below it."""
    for row in comparison.rows:
        if not row.layers:
            continue
        longest = _longest(row.layers)
        lines = [
            (
                Cell(("  " if part else "") + (layer.layer[len(part) :] if part else layer.layer)),
                Cell(layer.output),
                Cell("all" if layer.sees is None else layer.sees),
                *_cells(layer, longest, pending),
            )
            for whole in row.layers
            for part, layer in [("", whole), *((f"{whole.layer}.", p) for p in whole.parts)]
        ]
        title = "   ".join(filter(None, (row.network, row.input, row.variant, shown(row.settings))))
        columns = (
            Column("layer", "left"),
            Column("output", "left", rank=2),
            Column("sees", "left", rank=3),
        )
        yield _table(comparison, title, columns, [lines])


def _table(
    comparison: Comparison,
    title: str,
    left: tuple[Column, ...],
    groups: Sequence[Sequence[tuple[Cell, ...]]],
    notes: Sequence[str] = (),
) -> Table:
    rule = comparison.convention
    subtitle = f"convention {rule.name}: {rule.meaning}; bytes as {comparison.dtype}"
    columns = (*left, *_figures(rule))
    rows = tuple(tuple(group) for group in groups)
    return _without_empty(Table(title, subtitle, columns, rows, tuple(notes)))


def _notes(comparison: Comparison, rows: Sequence[Row]) -> list[str]:
    """What isn't counted, once for all rows of which that is the same."""
    unused = list(dict.fromkeys(name for row in rows for name in row.unused_layers))
    return [*_gaps(comparison, rows), *([unused_sentence(unused)] if unused else [])]


def _gaps(comparison: Comparison, rows: Sequence[Row]) -> list[str]:
    """What the convention doesn't count."""
    rule = comparison.convention
    said = {row.variant: " ".join(sentences(row.gaps, rule)) for row in rows if row.gaps}
    if len(set(said.values())) <= 1 and len(said) == len({row.variant for row in rows}):
        return list(said.values())[:1]
    return [f"{variant}: {text}" for variant, text in said.items()]


def _without_empty(table: Table) -> Table:
    """Without the columns in which nothing was counted, such as the trace's."""
    rows = [row for group in table.groups for row in group]
    kept = [
        index
        for index in range(len(table.columns))
        if any(row[index].text not in ("", "-") for row in rows)
    ]
    return msgspec.structs.replace(
        table,
        columns=tuple(table.columns[index] for index in kept),
        groups=tuple(
            tuple(tuple(row[index] for index in kept) for row in group) for group in table.groups
        ),
    )


def _longest(rows: Sequence[Figures]) -> tuple[float, float]:
    """The largest ratio of each kind: a full bar."""
    return (
        max((row.parameters_ratio or 0 for row in rows), default=0) or 1,
        max((row.count_ratio or 0 for row in rows), default=0) or 1,
    )


def _cells(row: Figures, longest: tuple[float, float], pending: bool) -> tuple[Cell, ...]:
    waiting = pending and row.traced_parameters is None
    return (
        Cell(integer(row.parameters)),
        _ratio_cell(row.parameters_ratio, longest[0]),
        Cell(integer(row.count)),
        _ratio_cell(row.count_ratio, longest[1]),
        Cell(integer(row.activations)),
        Cell(integer(row.weight_bytes)),
        Cell(integer(row.activation_bytes)),
        Cell(integer(row.peak_activation_bytes if isinstance(row, Row) else None)),
        Cell(PENDING if waiting else integer(row.traced_count), tone="quiet"),
        Cell(PENDING, tone="quiet") if waiting else _verdict(row),
    )


def _ratio_cell(value: float | None, longest: float) -> Cell:
    return Cell(ratio(value), bar=None if value is None else value / longest)


def _verdict(row: Figures) -> Cell:
    if row.agrees is None:
        return Cell("-", tone="quiet")
    return Cell("agree", tone="quiet") if row.agrees else Cell("DISAGREE", tone="loud")
