"""What was measured, as a report: records for machines, a table for people."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import msgspec
from msgspec.structs import replace

from sepconv_cli.conventions import convention
from sepconv_cli.errors import plural
from sepconv_cli.lowering.choose import Case
from sepconv_cli.lowering.settings import plain_settings, shown
from sepconv_cli.measure.measurement import MeasuredTimes, Measurement
from sepconv_cli.measure.prediction import Prediction
from sepconv_cli.measure.turns import UNSTEADY
from sepconv_cli.show.table import (
    Cell,
    Column,
    Report,
    Table,
    Tone,
    integer,
    percent_text,
    ratio,
    without_empty,
)


def measure_report(
    measured: MeasuredTimes, predicted: Sequence[Prediction] = (), notes: Sequence[str] = ()
) -> Report:
    """All that is to be said; predictions are in the order of the measurements.

    The notes stand below the last table.
    """
    records = [
        _record(measured, each, predicted[at] if predicted else None)
        for at, each in enumerate(measured.measurements)
    ]
    return Report(
        data={
            **_about(measured),
            "threads_on_cores_of_their_own": measured.on_cores,
            "interrupted": measured.interrupted,
            "rows": [
                {**record, "settings": plain_settings(each.case.settings)}
                for record, each in zip(records, measured.measurements, strict=True)
            ],
        },
        records=[{**_about(measured), **record} for record in records],
        tables=_noted(list(_tables(measured, records)), notes),
    )


def _noted(tables: Sequence[Table], notes: Sequence[str]) -> list[Table]:
    return [*tables[:-1], replace(tables[-1], notes=tuple(notes))]


def measure_doubts(measured: MeasuredTimes) -> Iterator[str]:
    """What speaks against the numbers."""
    for each in measured.measurements:
        if each.timing and each.timing.spread and not each.timing.is_steady:
            spread, most = percent_text(each.timing.spread), percent_text(UNSTEADY)
            yield (
                f"{_title(each.case)} as {each.case.variant.name}: a spread of {spread}, more than "
                f"{most}: something else is running here"
            )
    if measured.interrupted:
        missing = [each for each in measured.measurements if each.timing is None]
        more = f", and {len(missing)} not measured" if missing else ""
        yield f"interrupted: fewer runs than planned{more}"


def _milliseconds(value: float | None) -> str:
    """Three digits that count: `12.3`, `0.0456`."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _about(measured: MeasuredTimes) -> dict[str, Any]:
    return {"software": measured.software, **msgspec.to_builtins(measured.setup)}


def _record(
    measured: MeasuredTimes, each: Measurement, predicted: Prediction | None
) -> dict[str, Any]:
    case, timing = each.case, each.timing
    seconds = timing.seconds if timing else None
    return {
        "network": case.spec.name,
        "settings": shown(case.settings),
        "variant": case.variant.name,
        "input": str(case.network.input),
        "parameters": sum(node.own_parameters for node in case.network.nodes),
        "macs": _macs(case),
        "median_ms": seconds and seconds * 1e3,
        "spread": timing.spread if timing else None,
        "fastest_ms": min(timing.runs) * 1e3 if timing else None,
        "runs": len(timing.runs) if timing else 0,
        "steady": timing.is_steady if timing else None,
        "samples_per_second": seconds and measured.setup.batch / seconds,
        "predicted_by": predicted and predicted.device,
        "predicted_ms": predicted and predicted.milliseconds,
        "predicted_error": predicted and predicted.error,
    }


def _macs(case: Case) -> int:
    macs = convention("macs")
    return sum(macs.count(node) or 0 for node in case.network.nodes)


def _title(case: Case) -> str:
    return f"{case.spec.name} {shown(case.settings)}".strip()


_COLUMNS = (
    Column("variant", "left"),
    Column("MACs", rank=2),
    Column("median ms"),
    Column("ratio", bar=True, rank=1),
    Column("spread"),
    Column("fastest ms", rank=3),
    Column("runs", rank=3),
    Column("predicted ms"),
    Column("±"),
)


def _tables(measured: MeasuredTimes, records: Sequence[dict[str, Any]]) -> Iterator[Table]:
    """A table for each network and setting."""
    setup = measured.setup
    where = plural(setup.threads, "thread") if setup.device == "cpu" else setup.device
    about = f"{measured.software}, {where}, batch {setup.batch}, float32; "
    kept = "" if measured.on_cores or setup.device != "cpu" else "; threads aren't kept on cores"
    for _, grouped in groupby(records, lambda row: (row["network"], row["settings"], row["input"])):
        rows = list(grouped)
        first = rows[0]
        title = "   ".join(filter(None, (first["network"], first["input"], first["settings"])))
        known = [row["median_ms"] for row in rows if row["median_ms"]]
        table = Table(
            title=title,
            subtitle=f"{about}spread is the interquartile range over the median{kept}",
            columns=_COLUMNS,
            groups=(tuple(_row(row, first["median_ms"], max(known, default=0)) for row in rows),),
        )
        yield without_empty(table, keep=7, blank=("-",))


def _row(row: dict[str, Any], first: float | None, longest: float) -> tuple[Cell, ...]:
    median = row["median_ms"]
    times = median / first if median and first else None
    tone: Tone = "loud" if row["steady"] is False else "plain"
    return (
        Cell(row["variant"]),
        Cell(integer(row["macs"])),
        Cell(_milliseconds(median)),
        Cell(ratio(times), bar=median / longest if median else None),
        Cell(percent_text(row["spread"]), tone=tone),
        Cell(_milliseconds(row["fastest_ms"])),
        Cell(integer(row["runs"])),
        Cell(_milliseconds(row["predicted_ms"])),
        Cell(percent_text(row["predicted_error"])),
    )
