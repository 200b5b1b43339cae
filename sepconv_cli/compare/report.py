"""A comparison as a report: its JSON document, its flat records, its tables."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from sepconv_cli.compare.comparison import Comparison
from sepconv_cli.compare.rows import Counted, LayerRow, Row, numbers
from sepconv_cli.conventions import sentences
from sepconv_cli.lowering.prune import unused_sentence
from sepconv_cli.lowering.settings import shown
from sepconv_cli.metrics import Metric, in_tables, title_of
from sepconv_cli.show.table import (
    Cell,
    Column,
    Report,
    Table,
    amount_text,
    integer,
    ratio,
    without_empty,
)

NOT_YET = "..."


def _columns(comparison: Comparison, per_layer: bool) -> tuple[Column, ...]:
    """The metrics' columns, each with its ratio where that stands beside it, or what is to be said
    of it; then the trace's."""
    columns, counting = [], comparison.convention
    for metric in _shown(comparison):
        columns.append(Column(title_of(metric, counting), rank=metric.rank))
        if metric.ratio:
            columns.append(Column("ratio", rank=metric.rank + 1, bar=True))
        if metric.form == "time":
            columns.append(Column("held by", "left", rank=1) if per_layer else Column("±"))
    traced = Column(f"traced {counting.unit}s", rank=2)
    return (*columns, traced, Column("engines", align="left"))


def comparison_report(comparison: Comparison, pending: bool = False) -> Report:
    """All that is to be said of a comparison; `pending` marks traces that are still to come."""
    per_layer = any(row.layers for row in comparison.rows)
    return Report(
        data={
            "convention": comparison.convention.name,
            "unit": comparison.convention.unit,
            "dtype": comparison.dtype,
            **_of_devices(comparison),
            "rows": [_record(row, per_layer) for row in comparison.rows],
        },
        records=list(_records(comparison)),
        tables=[*_tables(comparison, pending), *_layer_tables(comparison, pending)],
    )


def _of_devices(comparison: Comparison) -> dict[str, Any]:
    """What is to be said of latencies in a document; nothing where there are none."""
    if not comparison.devices:
        return {}
    from sepconv_cli.compare.latency import latency_data

    return latency_data(comparison.rows, comparison.devices)


def _shown(comparison: Comparison) -> tuple[Metric, ...]:
    return in_tables(wide=True, devices=comparison.devices)


def _record(row: Row, per_layer: bool) -> dict[str, Any]:
    """A row as a document: what it is of, every metric with its ratio, and what isn't counted."""
    gaps: list[dict[str, Any]] = [msgspec.to_builtins(gap) for gap in row.gaps]
    return {
        "network": row.network,
        "file": row.file,
        "settings": row.settings,
        "variant": row.variant,
        "input": row.input,
        **numbers(row),
        "not_counted": [gap for gap in gaps if gap["reason"] is None],
        "not_comparable": [gap for gap in gaps if gap["reason"] is not None],
        "unused_layers": list(row.unused_layers),
        **({"layers": [_layer_record(layer) for layer in row.layers]} if per_layer else {}),
    }


def _layer_record(layer: LayerRow) -> dict[str, Any]:
    field = layer.receptive_field
    return {
        "layer": layer.layer,
        "op": layer.op,
        "input": layer.input,
        "output": layer.output,
        "receptive_field": None if field is None else list(field),
        "receptive_field_is_exact": layer.receptive_field_is_exact,
        **numbers(layer),
        **{f"{name}_held_by": holder for name, holder in layer.held_by.items()},
        "parts": [_layer_record(part) for part in layer.parts],
    }


def _records(comparison: Comparison) -> Iterable[dict[str, Any]]:
    """A flat record for each row, or for each layer of it."""
    for row in comparison.rows:
        record = _record(row, True)
        layers = record.pop("layers")
        record["settings"] = shown(row.settings)
        for kind in ("not_counted", "not_comparable"):
            record[kind] = " ".join(gap["layer"] for gap in record[kind])
        record["unused_layers"] = " ".join(row.unused_layers)
        counting = comparison.convention
        head = {"convention": counting.name, "unit": counting.unit, "dtype": comparison.dtype}
        if comparison.devices:
            head["devices"] = " ".join(device.name for device in comparison.devices)
            head["batch_sizes"] = " ".join(str(device.batch) for device in comparison.devices)
        names = {key: record[key] for key in ("network", "file", "settings", "variant")}
        if not layers:
            yield {**head, **names, **record}
        for layer in layers:
            del layer["parts"]
            yield {**head, **names, **layer}


def _tables(comparison: Comparison, pending: bool) -> Iterable[Table]:
    """A table for each network, a group of rows for each setting."""
    errors = _errors(comparison)
    for (name, _), grouped in groupby(comparison.rows, lambda row: (row.network, row.file)):
        rows = list(grouped)
        inputs = {row.input for row in rows}
        varied = bool(rows[0].settings)
        longest = _longest(rows, comparison)
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
                        *_cells(comparison, row, longest, errors, pending),
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
        longest = _longest(row.layers, comparison)
        lines = [
            (
                Cell(("  " if part else "") + (layer.layer[len(part) :] if part else layer.layer)),
                Cell(layer.output),
                Cell("all" if layer.sees is None else layer.sees),
                *_cells(comparison, layer, longest, layer.held_by, pending),
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
        yield _table(comparison, title, columns, [lines], per_layer=True)


def _table(
    comparison: Comparison,
    title: str,
    left: tuple[Column, ...],
    groups: Sequence[Sequence[tuple[Cell, ...]]],
    notes: Sequence[str] = (),
    per_layer: bool = False,
) -> Table:
    counting = comparison.convention
    subtitle = f"convention {counting.name}: {counting.meaning}; bytes as {comparison.dtype}"
    subtitle += "".join(f"; {device.words}" for device in comparison.devices)
    columns = (*left, *_columns(comparison, per_layer))
    rows = tuple(tuple(group) for group in groups)
    return without_empty(Table(title, subtitle, columns, rows, tuple(notes)), blank=("", "-"))


def _notes(comparison: Comparison, rows: Sequence[Row]) -> list[str]:
    """What isn't counted, once for all rows of which that is the same."""
    unused = list(dict.fromkeys(name for row in rows for name in row.unused_layers))
    left_out = [unused_sentence(unused)] if unused else []
    return [*_gaps(comparison, rows), *left_out, *_doubts(comparison, rows)]


def _errors(comparison: Comparison) -> dict[str, str]:
    """How exact each latency is, by its metric."""
    if not comparison.devices:
        return {}
    from sepconv_cli.compare.latency import latency_errors

    return latency_errors(comparison.devices)


def _doubts(comparison: Comparison, rows: Sequence[Row]) -> list[str]:
    """Which variant is faster as far as that can be told, and what can't."""
    if not comparison.devices:
        return []
    from sepconv_cli.compare.latency import latency_notes

    return list(latency_notes(rows, comparison.devices))


def _gaps(comparison: Comparison, rows: Sequence[Row]) -> list[str]:
    """What the convention doesn't count."""
    counting = comparison.convention
    said = {row.variant: " ".join(sentences(row.gaps, counting)) for row in rows if row.gaps}
    if len(set(said.values())) <= 1 and len(said) == len({row.variant for row in rows}):
        return list(said.values())[:1]
    return [f"{variant}: {text}" for variant, text in said.items()]


def _longest(rows: Sequence[Counted], comparison: Comparison) -> dict[str, float]:
    """The largest ratio of each metric: a full bar."""
    return {
        metric.name: max((row.ratio(metric.name) or 0 for row in rows), default=0) or 1
        for metric in _shown(comparison)
        if metric.ratio
    }


def _cells(
    comparison: Comparison,
    row: Counted,
    longest: Mapping[str, float],
    beside: Mapping[str, str | None],
    pending: bool,
) -> tuple[Cell, ...]:
    """The numbers of a row; `beside` is what stands beside a latency, by its metric."""
    cells = []
    for metric in _shown(comparison):
        cells.append(Cell(amount_text(row[metric.name])))
        if metric.ratio:
            cells.append(_ratio_cell(row.ratio(metric.name), longest[metric.name]))
        if metric.form == "time":
            cells.append(Cell(beside.get(metric.name) or "-", tone="quiet"))
    if pending and row.traced_parameters is None:
        return (*cells, Cell(NOT_YET, tone="quiet"), Cell(NOT_YET, tone="quiet"))
    return (*cells, Cell(integer(row.traced_count), tone="quiet"), _verdict(row))


def _ratio_cell(value: float | None, longest: float) -> Cell:
    return Cell(ratio(value), bar=None if value is None else value / longest)


def _verdict(row: Counted) -> Cell:
    if row.agrees is None:
        return Cell("-", tone="quiet")
    return Cell("agree", tone="quiet") if row.agrees else Cell("DISAGREE", tone="loud")
