"""A number that somebody read somewhere as a table: who gives it, or by what they miss it."""

from collections.abc import Iterable, Sequence

from sepconv_cli.reconcile.against import Match, Printed, TermChange, explanations
from sepconv_cli.reconcile.breakdown import Breakdown, beside
from sepconv_cli.show.table import Cell, Column, Table

_NEAREST = 3


def against_table(
    network: str, columns: Sequence[Breakdown], number: Printed, found: Sequence[Match]
) -> Table:
    """Which conventions give the number, or else which come nearest, and by what they miss it."""
    fitting = _fitting(found)
    shown = fitting or found[:_NEAREST]
    rows = [
        (
            Cell(match.breakdown.convention.name),
            Cell(f"{match.count:,}"),
            Cell(f"{round(match.count - number.value):+,}"),
            Cell(match.fits or "no", tone="plain" if match.fits else "quiet"),
            Cell(match.written or "as modules"),
        )
        for match in shown
    ]
    verdict = f"{len(fitting)} of {len(found)} numbers fit" if fitting else "none fits"
    return Table(
        f"Who counts {number.text}?   {network}",
        f"{verdict}, to the printed precision" + ("" if fitting else "; the nearest"),
        (
            Column("convention", "left"),
            Column("count"),
            Column("off by"),
            Column("fits", "left"),
            Column("written", "left", wrap=True),
        ),
        (tuple(rows),),
        tuple(_why(columns, number, shown)),
    )


def _fitting(found: Sequence[Match]) -> list[Match]:
    """Those that are rounded to the number; if there are none, those that are cut off to it."""
    rounded = [match for match in found if match.fits == "rounded"]
    return rounded or [match for match in found if match.fits]


def _why(columns: Sequence[Breakdown], number: Printed, shown: Sequence[Match]) -> Iterable[str]:
    """What makes up a number that fits; for one that doesn't, the terms that would make it fit."""
    default = columns[0]
    for match in shown:
        name = match.breakdown.convention.name
        if match.fits:
            terms = "".join(
                f" {'-' if amount < 0 else '+'} {abs(amount):,} {term}"
                for term, amount in beside(default, match.breakdown)
            )
            if terms:
                yield f"{name} = {default.convention.name}{terms}"
            continue
        if match.written:
            continue
        for changes in explanations(match.breakdown, number, columns):
            said = " and ".join(_change(change, name) for change in changes)
            yield f"{name} with {said} would be {number.text}"


def _change(change: TermChange, own: str) -> str:
    """`-9,608,704 activations`, or `-22,227,968 batch norm (as fvcore counts)`."""
    counted = "" if change.convention == own else f" (as {change.convention} counts)"
    return f"{change.amount:+,} {change.term}{counted}"
