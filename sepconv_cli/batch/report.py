"""A summary as a report: its JSON document, its flat records, its tables."""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import asdict

from sepconv_cli.batch.job import Job
from sepconv_cli.batch.rows import SpecRow
from sepconv_cli.batch.summary import Summary, histogram
from sepconv_cli.compare.engines import counted_by
from sepconv_cli.errors import plural
from sepconv_cli.lowering.choose import in_order
from sepconv_cli.show.table import Cell, Column, Report, Table, integer, ratio


def batch_report(summary: Summary, job: Job, output: str | None) -> Report:
    """All that is to be said of a batch."""
    rule = counted_by(job.convention, "auto")
    records = list(_variants(summary))
    return Report(
        data={
            "convention": rule.name,
            "unit": rule.unit,
            "dtype": job.dtype,
            "output": output,
            "specs": summary.specs,
            "rows": summary.rows,
            "failed": summary.failed,
            "counted": summary.counted,
            "unchanged": summary.unchanged,
            "traced": summary.traced,
            "disagreeing": summary.disagreeing,
            "rows_with_unused_layers": summary.unused,
            "by": summary.by,
            "variants": records,
            "best": [asdict(row) for row in summary.best],
            "worst": summary.worst and asdict(summary.worst),
            "failures": dict(sorted(summary.codes.items())),
            "first_failures": [asdict(row) for row in summary.failures],
        },
        records=records,
        tables=list(_tables(summary, job, output)),
    )


def _headline(summary: Summary, output: str | None = None) -> str:
    """`20,000 specs, 80,000 rows in costs.parquet, 3 failed`."""
    rows = plural(summary.rows, "row")
    parts = [plural(summary.specs, "spec"), f"{rows} in {output}" if output else rows]
    if summary.failed:
        parts.append(f"{summary.failed:,} failed")
    if summary.unchanged:
        parts.append(f"{summary.unchanged:,} unchanged since the last run")
    if summary.traced:
        parts.append(f"{summary.traced:,} rows traced, {summary.disagreeing:,} disagree")
    return ", ".join(parts)


def _variants(summary: Summary) -> Iterator[dict[str, Any]]:
    spreads = list(summary.spreads.values())
    for name in in_order(summary.spreads):
        spread = summary.spreads[name]
        counts = histogram(spread, spreads).counts
        yield {
            "variant": name,
            "rows": spread.count,
            "least": spread.least,
            "most": spread.most,
            "histogram": " ".join(map(str, counts)),
        }


def _tables(summary: Summary, job: Job, output: str | None) -> Iterator[Table]:
    if summary.spreads:
        yield _spread(summary, job, output)
    else:
        yield Table(_headline(summary, output), "nothing was counted", (), ())
    if summary.best:
        yield _ranked(summary, job)
    if summary.failures:
        yield _failures(summary)


def _titles(summary: Summary, job: Job) -> str:
    rule = counted_by(job.convention, "auto")
    return rule.title if summary.by == "count" else summary.by.replace("_", " ")


def _spread(summary: Summary, job: Job, output: str | None) -> Table:
    rule = counted_by(job.convention, "auto")
    title = _titles(summary, job)
    spreads = list(summary.spreads.values())
    rows = [
        (
            Cell(name),
            Cell(integer(spread.count)),
            Cell(_value(spread.least)),
            Cell(str(histogram(spread, spreads))),
            Cell(_value(spread.most)),
        )
        for name, spread in ((name, summary.spreads[name]) for name in in_order(summary.spreads))
    ]
    columns = (
        Column("variant", "left"),
        Column("rows"),
        Column(f"least {title}"),
        Column("distribution", "left", rank=1),
        Column(f"most {title}"),
    )
    subtitle = f"convention {rule.name}: {rule.meaning}; bytes as {job.dtype}"
    spans = len(histogram(spreads[0], spreads).counts)
    note = f"Each of the {spans} bars is the same factor wide, from the least to the most of all."
    return Table(
        _headline(summary, output), subtitle, columns, (tuple(rows),), (note,) if spans > 1 else ()
    )


def _ranked(summary: Summary, job: Job) -> Table:
    title = _titles(summary, job)
    rule = counted_by(job.convention, "auto")
    worst = summary.worst
    groups: list[Sequence[SpecRow]] = [summary.best]
    if worst is not None and worst not in summary.best:
        groups.append([worst])
    ranks = iter((*range(1, len(summary.best) + 1), None))
    columns = (
        Column("", "left"),
        Column("source", "left"),
        Column("network", "left", rank=3),
        Column("settings", "left", rank=2),
        Column("variant", "left"),
        Column("parameters", rank=1),
        Column(rule.title),
        Column("ratio", rank=1),
        Column("activations", rank=4),
        *([] if summary.by in _SHOWN else [Column(title)]),
    )
    rows = tuple(tuple(_cells(row, next(ranks), summary.by) for row in group) for group in groups)
    return _without_settings(Table(f"least {title}, and the most", "of all rows", columns, rows))


_SHOWN = ("count", "parameters", "activations", "count_ratio")


def _cells(row: SpecRow, rank: int | None, by: str) -> tuple[Cell, ...]:
    return (
        Cell("most" if rank is None else str(rank)),
        Cell(place(row)),
        Cell(row.network or ""),
        Cell(row.settings or ""),
        Cell(row.variant or ""),
        Cell(integer(row.parameters)),
        Cell(integer(row.count)),
        Cell(ratio(row.count_ratio)),
        Cell(integer(row.activations)),
        *([] if by in _SHOWN else [Cell(_value(getattr(row, by)))]),
    )


def _without_settings(table: Table) -> Table:
    """Without a column in which nothing stands."""
    from msgspec.structs import replace

    rows = [row for group in table.groups for row in group]
    kept = [at for at in range(len(table.columns)) if any(row[at].text for row in rows)]
    return replace(
        table,
        columns=tuple(table.columns[at] for at in kept),
        groups=tuple(
            tuple(tuple(row[at] for at in kept) for row in group) for group in table.groups
        ),
    )


def _failures(summary: Summary) -> Table:
    more = summary.failed - len(summary.failures)
    kinds = ", ".join(f"{code} {count:,}" for code, count in sorted(summary.codes.items()))
    rows = tuple(
        (Cell(place(row)), Cell(str(row.code)), Cell(row.message or "")) for row in summary.failures
    )
    columns = (Column("place", "left"), Column("code", "left"), Column("message", "left"))
    note = (f"and {more:,} more: rows with the status `error`",) if more else ()
    return Table(f"{plural(summary.failed, 'spec')} failed", kinds, columns, (rows,), note)


def place(row: SpecRow) -> str:
    """`file:line:column`, as far as that is known; `file#3` for a later document of a file."""
    if row.line is not None:
        return f"{row.source}:{row.line}:{row.column}"
    return row.source if row.document == 1 else f"{row.source}#{row.document}"


def _value(value: float | int | None) -> str:
    return ratio(value) if isinstance(value, float) else integer(value)
