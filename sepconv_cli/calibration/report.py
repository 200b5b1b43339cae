"""How well a profile predicts measurements, as a report."""

from collections.abc import Mapping
from typing import Any

from sepconv_cli.errors import plural
from sepconv_cli.latency.formula import MILLISECONDS
from sepconv_cli.latency.score import Score, Worst
from sepconv_cli.show.table import Cell, Column, Report, Table, percent_text, ratio

_COLUMNS = (
    Column("network", "left"),
    Column("measured ms"),
    Column("predicted ms"),
    Column("error"),
)


def score_report(
    name: str, fitted: int, found: Score, left_out: Mapping[str, str], how: str
) -> Report:
    """The worst networks under what was found of all; `how` says which these are."""
    worst = [_record(each) for each in found.worst]
    return Report(
        data={
            "device": name,
            "fitted": fitted,
            "held_out": found.networks,
            "median_error": found.median_error,
            "within_10_percent": found.within_10_percent,
            "within_20_percent": found.within_20_percent,
            "rank_correlation": found.rank_correlation,
            "pairs_right": found.pairs_right,
            "worst": worst,
            "left_out": dict(left_out),
            "how": how,
        },
        records=worst,
        tables=[
            Table(
                f"{name}: the worst predictions",
                "the time of a batch",
                _COLUMNS,
                (tuple(map(_cells, found.worst)),),
                (exactness(name, fitted, found), how, *_left_out(left_out)),
            )
        ],
    )


def exactness(name: str, fitted: int, found: Score) -> str:
    """How exact predictions are, in one line."""
    pairs = "" if found.pairs_right is None else f", {percent_text(found.pairs_right)} of pairs"
    within_10, within_20 = map(percent_text, (found.within_10_percent, found.within_20_percent))
    return (
        f"{name}: fitted to {plural(fitted, 'network')}; of {found.networks:,} that were scored "
        f"the median error is {percent_text(found.median_error)}, {within_10} are within 10 % and "
        f"{within_20} within 20 %; rank correlation {found.rank_correlation:.3f}"
        f"{pairs and pairs + ' of close MACs in the right order'}."
    )


def _left_out(found: Mapping[str, str]) -> list[str]:
    """The networks that can't be predicted, counted and named."""
    if not found:
        return []
    return [f"{plural(len(found), 'network')} left out: {', '.join(found)}."]


def _record(worst: Worst) -> dict[str, Any]:
    return {
        "network": worst.network,
        "measured_ms": worst.measured * MILLISECONDS,
        "predicted_ms": worst.predicted * MILLISECONDS,
        "error": worst.error,
    }


def _cells(worst: Worst) -> tuple[Cell, ...]:
    return (
        Cell(worst.network),
        Cell(ratio(worst.measured * MILLISECONDS)),
        Cell(ratio(worst.predicted * MILLISECONDS)),
        Cell(f"{100 * worst.error:+.0f} %"),
    )
