"""A number that somebody read somewhere: which conventions give it, and what makes it differ.

How a number is made of terms is said in breakdown.py.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Literal

import msgspec

from sepconv_cli.conventions import MODULES, Style, convention
from sepconv_cli.errors import UsageError
from sepconv_cli.network import Network
from sepconv_cli.reconcile.breakdown import Breakdown, breakdown

STYLES: Mapping[str, Style] = {
    "": MODULES,
    "activations and pools called as functions": Style(functions=True),
    'padding="same" as a string': Style(string_padding=True),
}
MOST_CHANGES = 3
MOST_EXPLANATIONS = 3

_NUMBER = re.compile(
    # A comma stands between thousands; a decimal one would be another number.
    r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+|[0-9][0-9_]*)(?P<decimals>\.[0-9]+)?(?:e(?P<exponent>[0-9]{1,2}))?"
    r"\s*(?P<suffix>[kmgbt]?)\s*(?:(?:mul|mult)[- ]?adds?|macs?|flops?)?",
    re.IGNORECASE,
)
_POWERS = {"": 0, "k": 3, "m": 6, "g": 9, "b": 9, "t": 12}


class Printed(msgspec.Struct, frozen=True):
    """A number as it was printed: its value, and what one of its last digit is worth."""

    text: str
    value: Fraction
    last_digit: Fraction

    def fits(self, count: int) -> Literal["rounded", "cut off"] | None:
        """Whether a count is printed so: rounded to the nearest, or with its digits cut off."""
        if abs(count - self.value) * 2 <= self.last_digit:
            return "rounded"
        return "cut off" if 0 <= count - self.value < self.last_digit else None


class Match(msgspec.Struct, frozen=True):
    """A convention's number beside the printed one. `written` says how the module would have to
    be written, `fits` how the number would have been printed; None where it doesn't fit."""

    breakdown: Breakdown
    count: int
    written: str
    fits: Literal["rounded", "cut off"] | None


class TermChange(msgspec.Struct, frozen=True):
    """Terms that are added to or taken from a number, with the convention they are counted by."""

    term: str
    amount: int
    convention: str


def printed(text: str) -> Printed:
    """`4.12G`, `4,111,512,576`, `4.1 GMACs`, `8.2e9 FLOPs`. Raises UsageError."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"--against {text}: expected a number", "such as 4.12G or 4,111,512,576")
    decimals = found["decimals"] or ""
    digits = re.sub("[,_]", "", found["digits"])
    power = _POWERS[found["suffix"].lower()] + int(found["exponent"] or 0)
    scale = Fraction(10) ** power
    places = max(0, len(decimals) - 1)
    return Printed(text.strip(), Fraction(digits + decimals) * scale, scale / 10**places)


def matches(network: Network, number: Printed, wanted: Sequence[str]) -> list[Match]:
    """Each convention's number, those that fit first, then the nearest.

    A style of writing is listed where it changes a convention's number.
    """
    found = [match for name in wanted for match in _styles(network, number, name)]
    order = {"rounded": 0, "cut off": 1, None: 2}
    return sorted(found, key=lambda match: (order[match.fits], abs(match.count - number.value)))


def _styles(network: Network, number: Printed, name: str) -> Iterator[Match]:
    seen: set[int] = set()
    for written, style in STYLES.items():
        column = breakdown(network, convention(name), style)
        if column.count is not None and column.count not in seen:
            seen.add(column.count)
            yield Match(column, column.count, written, number.fits(column.count))


def explanations(
    start: Breakdown, number: Printed, others: Iterable[Breakdown]
) -> list[tuple[TermChange, ...]]:
    """The fewest terms that, added to or taken from a convention's number, make the printed one.

    Terms of its own may be taken away or counted as another convention does, and those of the
    others added.
    """
    if start.count is None:
        return []
    own = start.convention.name
    changes = [TermChange(term, -amount, own) for term, amount in start.terms.items()]
    known = {(change.term, change.amount) for change in changes}
    for other in others:
        for term, counted in other.terms.items():
            amount = counted - start.terms.get(term, 0)
            if amount and (term, amount) not in known:
                known.add((term, amount))
                changes.append(TermChange(term, amount, other.convention.name))
    for size in range(1, MOST_CHANGES + 1):
        found = [
            chosen
            for chosen in combinations(changes, size)
            if len({change.term for change in chosen}) == size
            and number.fits(start.count + sum(change.amount for change in chosen)) == "rounded"
        ]
        if found:
            return found[:MOST_EXPLANATIONS]
    return []
