"""What is to be shown, free of any format: records for machines, tables for people."""

from collections.abc import Container, Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

Tone = Literal["plain", "quiet", "loud"]
Status = Literal["failed", "warned", "noted", "skipped", "passed"]
"""From worst to best; what is noted is neither good nor bad, such as a change."""


class Column(msgspec.Struct, frozen=True):
    """A column; where a screen is too narrow, the one of the largest `rank` goes first.

    The texts of one that wraps are sentences, which may go over several lines.
    """

    title: str
    align: Literal["left", "right"] = "right"
    rank: int = 0
    bar: bool = False
    wrap: bool = False


class Cell(msgspec.Struct, frozen=True):
    """A text, the share of the column's longest bar that stands beside it, and its tone."""

    text: str
    bar: float | None = None
    tone: Tone = "plain"


class Table(msgspec.Struct, frozen=True):
    """Rows in groups under a title; `notes` stand below.

    A `folded` table is a detail: a page that can fold shows its title alone.
    """

    title: str
    subtitle: str
    columns: tuple[Column, ...]
    groups: tuple[tuple[tuple[Cell, ...], ...], ...]
    notes: tuple[str, ...] = ()
    folded: bool = False


class Finding(msgspec.Struct, frozen=True):
    """One thing that was checked, and where in a spec it belongs: what annotations are made of.

    `rule` is its kind, `subject` the network and variant, `message` one sentence, `details` lines
    of plain text. `file` is None for what has no place; lines and columns count from 1.
    `fingerprint` stays the same when the line moves.
    """

    rule: str
    subject: str
    status: Status
    message: str
    fingerprint: str
    file: str | None = None
    line: int = 1
    column: int = 1
    details: str = ""


class Report(msgspec.Struct, frozen=True):
    """All that a command has to say: one document, flat records, tables, and findings.

    `headline` is the verdict in one line. `findings` come worst first; None where the command
    checks nothing, and formats made of findings can't show it.
    """

    data: Mapping[str, Any]
    records: Sequence[Mapping[str, Any]]
    tables: Sequence[Table]
    headline: str = ""
    findings: Sequence[Finding] | None = None


def without_empty(table: Table, keep: int = 0, blank: Container[str] = ("",)) -> Table:
    """The table without the columns, past those to keep, in whose cells only blanks stand."""
    rows = [row for group in table.groups for row in group]
    kept = [
        at
        for at in range(len(table.columns))
        if at < keep or any(row[at].text not in blank for row in rows)
    ]
    return replace(
        table,
        columns=tuple(table.columns[at] for at in kept),
        groups=tuple(
            tuple(tuple(row[at] for at in kept) for row in group) for group in table.groups
        ),
    )


def integer(value: int | None) -> str:
    """`4,867,293,184`; a dash for what wasn't counted."""
    return "-" if value is None else f"{value:,}"


def ratio(value: float | None) -> str:
    """`0.12`; three significant digits where two decimals would say too little."""
    if value is None:
        return "-"
    return f"{value:,.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.2g}"


def percent_text(share: float | None) -> str:
    """`7 %`, `3.1 %` or `260 %`; a dash for what wasn't measured."""
    if share is None:
        return "-"
    return f"{100 * share:,.0f} %" if share >= 1 else f"{100 * share:.2g} %"


def amount_text(value: int | float | None) -> str:
    """A metric's value: a whole number in full, another one to a few digits."""
    return ratio(value) if isinstance(value, float) else integer(value)
