"""Where the costs of two variants cross as the output channels grow, exactly.

Every variant's cost is a number for each output channel, and a number besides. So two of them
cross once or never, and where they do is a quotient of whole numbers. sympy writes the same
quotient with M and K in it.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import Literal

import msgspec

from sepconv_cli.crossover.costs import Measure, Shape, costs
from sepconv_cli.variants import Variant

Side = Literal["below", "above", "always", "never", "equal"]


class Line(msgspec.Struct, frozen=True):
    """A cost as `each` for every output channel and `fixed` besides."""

    each: int
    fixed: int


class Rule(msgspec.Struct, frozen=True):
    """`first` costs less than `second` on one `side` of so many output channels: below or above
    `at`, always, never; or both are the same.

    Channels are at least 1. `here` says whether it costs less at the shape itself, None where
    both cost the same. `formula` is `at` in symbols, None where sympy has no short one.
    """

    first: str
    second: str
    side: Side
    at: Fraction | None
    here: bool | None
    formula: str | None = None


def lines(shape: Shape, variants: Sequence[Variant], by: Measure) -> dict[str, Line]:
    """The cost of each variant as a line over the output channels.

    Raises ValueError where a cost isn't one, which no variant's is.
    """
    at = {n: costs(shape.with_outputs(n), variants, by) for n in (1, 2, 3, 1000)}
    found = {}
    for variant in variants:
        name = variant.name
        each = at[2][name] - at[1][name]
        line = Line(each, at[1][name] - each)
        if any(line.each * n + line.fixed != at[n][name] for n in at):
            raise ValueError(f"the cost of {name} doesn't grow evenly with the output channels")
        found[name] = line
    return found


def rules(
    shape: Shape, variants: Sequence[Variant], by: Measure, symbols: str | None = None
) -> list[Rule]:
    """A rule for each two variants; with formulas where `symbols` is `macs` or `parameters`."""
    found = lines(shape, variants, by)
    return [
        _rule(shape, a, b, found[a.name], found[b.name], symbols)
        for a, b in combinations(variants, 2)
    ]


def _rule(
    shape: Shape, first: Variant, second: Variant, a: Line, b: Line, symbols: str | None
) -> Rule:
    each, fixed = a.each - b.each, a.fixed - b.fixed
    here = each * shape.conv.out_channels + fixed
    side, at = crossing(each, fixed)
    formula = None
    if symbols is not None and at is not None:
        from sepconv_cli.crossover.symbols import crossing_formula

        formula = crossing_formula(shape, first, second, symbols)
    return Rule(first.name, second.name, side, at, here < 0 if here else None, formula)


def crossing(each: int, fixed: int) -> tuple[Side, Fraction | None]:
    """Where each * n + fixed is below zero, for whole n of at least 1."""
    if each == 0:
        return ("equal" if fixed == 0 else "always" if fixed < 0 else "never"), None
    at = Fraction(-fixed, each)
    if each > 0:
        return ("below", at) if at > 1 else ("never", None)
    return ("above", at) if at >= 1 else ("always", None)


def number(value: Fraction) -> str:
    """A whole number as one, another to three digits."""
    return f"{int(value):,}" if value.denominator == 1 else f"{float(value):.3g}"
