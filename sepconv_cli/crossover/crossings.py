"""Where the costs of two variants cross as the output channels grow, exactly.

Most variants' cost is a number for each output channel, and a number besides. So two of them
cross once or never, and where they do is a quotient of whole numbers. sympy writes the same
quotient with M and K in it. The cost of others, as of groups that must divide the channels, goes
up and down, and has no one place where it crosses.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import Literal

import msgspec

from sepconv_cli.cost.per_layer import Cost, Shape, Yardstick, costs
from sepconv_cli.variants import Variant

CheaperWhere = Literal["below", "above", "always", "never", "equal", "uneven"]


class Line(msgspec.Struct, frozen=True):
    """A cost as `each` for every output channel and `fixed` besides."""

    each: Cost
    fixed: Cost


class Crossing(msgspec.Struct, frozen=True):
    """`first` costs less than `second` on one `side` of so many output channels: below or above
    `at`, always, never; or both are the same; or it is `uneven`, on no one side.

    Channels are at least 1. `here` says whether it costs less at the shape itself, None where
    both cost the same. `formula` is `at` in symbols, None where sympy has no short one.
    """

    first: str
    second: str
    side: CheaperWhere
    at: Fraction | None
    here: bool | None
    formula: str | None = None


def lines(shape: Shape, variants: Sequence[Variant], by: Yardstick) -> dict[str, Line | None]:
    """The cost of each variant as a line over the output channels; None where it isn't one.

    That is tried with numbers of channels that share divisors with the shape's, and with none.
    """
    tried = {1, 2, 3, 1000, shape.x.channels, shape.conv.out_channels}
    at = {n: costs(shape.with_outputs(n), variants, by) for n in tried}
    found: dict[str, Line | None] = {}
    for variant in variants:
        name = variant.name
        each = at[2][name] - at[1][name]
        line = Line(each, at[1][name] - each)
        is_line = all(line.each * n + line.fixed == at[n][name] for n in at)
        found[name] = line if is_line else None
    return found


def crossings(
    shape: Shape, variants: Sequence[Variant], by: Yardstick, symbols: str | None = None
) -> list[Crossing]:
    """One for each two variants; with formulas where `symbols` is `macs` or `parameters`."""
    found, here = lines(shape, variants, by), costs(shape, variants, by)
    return [
        _crossing(shape, a, b, (found[a.name], found[b.name]), here[a.name] - here[b.name], symbols)
        for a, b in combinations(variants, 2)
    ]


def _crossing(
    shape: Shape,
    first: Variant,
    second: Variant,
    both: tuple[Line | None, Line | None],
    here: Cost,
    symbols: str | None,
) -> Crossing:
    """`here` is how much more the first costs at the shape itself."""
    a, b = both
    side, at = below_zero(a.each - b.each, a.fixed - b.fixed) if a and b else ("uneven", None)
    formula = None
    if symbols is not None and at is not None:
        from sepconv_cli.crossover.symbols import crossing_formula

        formula = crossing_formula(shape, first, second, symbols)
    return Crossing(first.name, second.name, side, at, here < 0 if here else None, formula)


def below_zero(each: Cost, fixed: Cost) -> tuple[CheaperWhere, Fraction | None]:
    """Where each * n + fixed is below zero, for whole n of at least 1."""
    if each == 0:
        return ("equal" if fixed == 0 else "always" if fixed < 0 else "never"), None
    at = Fraction(-fixed) / Fraction(each)
    if each > 0:
        return ("below", at) if at > 1 else ("never", None)
    return ("above", at) if at >= 1 else ("always", None)


def short_number(value: Fraction) -> str:
    """A whole number as one, another to three digits."""
    return f"{int(value):,}" if value.denominator == 1 else f"{float(value):.3g}"
