"""A summary as a report: its JSON document, its flat records, its tables."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from msgspec.structs import asdict

from sepconv_cli.batch.job import Job, job_devices
from sepconv_cli.batch.rows import SpecRow
from sepconv_cli.batch.summary import MOST_SHOWN, Summary, histogram
from sepconv_cli.compare.engines import counted_by
from sepconv_cli.conventions import Convention
from sepconv_cli.errors import plural
from sepconv_cli.lowering.choose import in_order
from sepconv_cli.metrics import in_tables, metric, title_of
from sepconv_cli.show.table import Cell, Column, Report, Table, amount_text, integer, without_empty


def batch_report(summary: Summary, job: Job, output: str | None) -> Report:
    """All that is to be said of a batch."""
    counting = counted_by(job.convention, "auto")
    records = list(_variants(summary))
    return Report(
        data={
            "convention": counting.name,
            "unit": counting.unit,
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


def _title(column: str, counting: Convention) -> str:
    """What stands over a column of a metric or its ratio."""
    name = column.removesuffix("_ratio")
    title = title_of(metric(name), counting)
    return title if name == column else f"{title} ratio"


def _spread(summary: Summary, job: Job, output: str | None) -> Table:
    counting = counted_by(job.convention, "auto")
    title = _title(summary.by, counting)
    spreads = list(summary.spreads.values())
    rows = [
        (
            Cell(name),
            Cell(integer(spread.count)),
            Cell(amount_text(spread.least)),
            Cell(str(histogram(spread, spreads))),
            Cell(amount_text(spread.most)),
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
    subtitle = f"convention {counting.name}: {counting.meaning}; bytes as {job.dtype}"
    subtitle += "".join(f"; {one.words}" for one in job_devices(job.profile, job.batch))
    spans = len(histogram(spreads[0], spreads).counts)
    note = f"Each of the {spans} bars is the same factor wide, from the least to the most of all."
    notes = (*([note] if spans > 1 else ()), *_opaque(summary))
    return Table(_headline(summary, output), subtitle, columns, (tuple(rows),), notes)


def _opaque(summary: Summary) -> Iterator[str]:
    """What is opaque in the rows; the first few kinds of them."""
    for functions, rows in islice(summary.opaque.items(), MOST_SHOWN):
        yield f"Opaque, not counted in {plural(rows, 'row')}: {functions}."
    more = len(summary.opaque) - MOST_SHOWN
    if more > 0:
        yield f"And {more:,} more in the column `opaque`."


def _ranked(summary: Summary, job: Job) -> Table:
    counting = counted_by(job.convention, "auto")
    title, shown = _title(summary.by, counting), _shown(summary.by, bool(job.profile))
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
        *(Column(_head(name, counting), rank=rank) for name, rank in shown.items()),
    )
    rows = tuple(tuple(_cells(row, next(ranks), shown) for row in group) for group in groups)
    return without_empty(Table(f"least {title}, and the most", "of all rows", columns, rows))


def _shown(by: str, on_device: bool) -> dict[str, int]:
    """The columns of numbers and how soon each gives way: the metrics of every table, the ratio
    of the count, and what is ranked by."""
    shown: dict[str, int] = {}
    for one in in_tables():
        shown[one.name] = one.rank + (one.name != "count")
        if one.name == "count":
            shown["count_ratio"] = 1
    return {**shown, **dict.fromkeys(("latency",) if on_device else (), 1), by: shown.get(by, 0)}


def _head(column: str, counting: Convention) -> str:
    return "ratio" if column == "count_ratio" else _title(column, counting)


def _cells(row: SpecRow, rank: int | None, shown: Iterable[str]) -> tuple[Cell, ...]:
    return (
        Cell("most" if rank is None else str(rank)),
        Cell(place(row)),
        Cell(row.network or ""),
        Cell(row.settings or ""),
        Cell(row.variant or ""),
        *(Cell(amount_text(getattr(row, name))) for name in shown),
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
