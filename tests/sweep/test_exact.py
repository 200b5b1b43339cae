"""Numbers of a sweep in Python's own formulas: at every point what plain numbers give there."""

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor, isclose, trunc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepconv_cli.arithmetic import below, divide, gcd, maximum, minimum, whole
from sepconv_cli.errors import Problem, SpecError
from sepconv_cli.sweep.grid import Grid, axis_of
from sepconv_cli.sweep.runs import runs
from tests.sweep.points import Asked

Formula = Callable[[Mapping[str, Any]], Any]


def by_array(formula: Formula, grid: Grid) -> tuple[list[Any], int]:
    """What a formula gives at every point, None where it divides by zero; and in how many runs."""
    found: list[Any] = [None] * grid.size
    count = 0
    for run in runs(Asked(formula), grid, "", grid.whole()):
        count += 1
        places = np.arange(grid.size)[run.places]
        if run.said is None:
            values = run.values["value"]
            assert values is not None
            for place, value in zip(places, np.broadcast_to(values, len(places)), strict=True):
                found[place] = value
    return found, count


def plainly(formula: Formula, grid: Grid) -> list[Any]:
    found = []
    for point in range(grid.size):
        try:
            found.append(Asked(formula).ask("", grid.settings(point))["value"])
        except SpecError:
            found.append(None)
    return found


def assert_same(formula: Formula, grid: Grid) -> None:
    """Whole numbers are exact; where a single one isn't whole, all come as floats."""
    found, expected = by_array(formula, grid)[0], plainly(formula, grid)
    is_whole = all(theirs is None or whole(theirs) is not None for theirs in expected)
    for ours, theirs in zip(found, expected, strict=True):
        if is_whole or theirs is None:
            assert ours == theirs
        else:
            assert isclose(ours, theirs, rel_tol=1e-12)


def grid_of(**axes: Sequence[int | Fraction]) -> Grid:
    return Grid(tuple(axis_of(name, values) for name, values in axes.items()))


BINARY: list[Callable[[Any, Any], Any]] = [
    operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod,
    minimum, maximum, below, divide,
    lambda a, b: gcd(trunc(a), trunc(b)),
    lambda a, b: a if a < b else b + 1,
    lambda a, b: a * 2 if whole(a) is not None else b,
]  # fmt: skip
UNARY: list[Callable[[Any], Any]] = [floor, ceil, trunc, round, abs, operator.neg, lambda a: a**2]

formulas = st.recursive(
    st.one_of(
        st.sampled_from("xy").map(lambda name: lambda names: names[name]),
        st.integers(-3, 10).map(lambda value: lambda names: value),
    ),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(BINARY), inner, inner).map(
            lambda parts: lambda names: parts[0](parts[1](names), parts[2](names))
        ),
        st.tuples(st.sampled_from(UNARY), inner).map(
            lambda parts: lambda names: parts[0](parts[1](names))
        ),
    ),
    max_leaves=8,
)
small = st.fractions(-4, 4, max_denominator=6)
large = st.integers(-(10**18), 10**18).map(Fraction)


@settings(max_examples=200, deadline=None)
@given(formulas, *[st.lists(st.one_of(small, large), min_size=1, max_size=4, unique=True)] * 2)
def test_random_formulas(formula: Formula, x: list[Fraction], y: list[Fraction]) -> None:
    """Fractions, signs, zeros, and values that 64 bits hold until two are multiplied."""
    assert_same(formula, grid_of(x=x, y=y))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((3, 5), [9 * 3 + 1, 9 * 5 + 1]),
        ((2**31, 2**32), [9 * 2**31 + 1, 9 * 2**32 + 1]),
        ((2**61, 1), [9 * 2**61 + 1, 10]),
    ],
)
def test_64_bits_are_left_where_they_dont_hold_a_number(
    values: tuple[int, ...], expected: list[int]
) -> None:
    """9 * 2**61 is more than 2**64."""
    found, _ = by_array(lambda names: names["x"] * 9 + 1, grid_of(x=values))
    assert found == expected


def test_a_coefficient_beyond_64_bits_of_nothing() -> None:
    """10**20 times an array of zeros."""
    found, _ = by_array(lambda names: names["x"] * 10**20 + 5, grid_of(x=[0]))
    assert found == [5]


def test_large_steps_to_a_small_number_are_exact() -> None:
    """10**36 in between; the result is x again, in 64 bits."""
    found, _ = by_array(lambda names: names["x"] * 10**30 // 10**30, grid_of(x=[7, 10**6]))
    assert [type(value) for value in found] == [np.int64, np.int64]
    assert found == [7, 10**6]


def test_a_mixed_decision_takes_one_run_for_each_answer() -> None:
    """Of 3 x 4 points: x is less than y at (1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)."""
    grid = grid_of(x=[1, 2, 3], y=[1, 2, 3, 4])
    found, count = by_array(lambda names: 10 if names["x"] < names["y"] else names["x"], grid)
    assert found == [1, 10, 10, 10, 2, 2, 10, 10, 3, 3, 3, 10]
    assert count == 2


def test_an_index_takes_one_run_for_each_value() -> None:
    grid = grid_of(x=[1, 2, 3], y=[10, 20])
    found, count = by_array(lambda names: sum([names["y"]] * names["x"]), grid)
    assert found == [10, 20, 20, 40, 30, 60]
    assert count == 3


def seconds(names: Mapping[str, Any]) -> Any:
    """A roofline with an overhead: x multiplications, y bytes."""
    busy = maximum(names["x"] / 3.5e9, names["y"] * 1e-9 + 1e-6)
    return 0.25e-3 + (busy if busy < 1 else busy * 2) - names["x"] * 1e-12


def test_floats_are_those_of_a_single_point() -> None:
    """To the last bit: the operations are the same, in the same order."""
    grid = grid_of(x=[1, 10**6, 7 * 10**9], y=[3, 10**8, 3 * 10**9])
    assert by_array(seconds, grid) == (plainly(seconds, grid), 2)


def test_exact_numbers_and_floats_together() -> None:
    """y is 2.5 and 4: minimum, below, division and comparison with a float on either side."""
    grid = grid_of(x=[1, 3], y=[Fraction(5, 2), 4])
    for formula in (
        lambda names: minimum(names["x"] * 1.5, names["y"]),
        lambda names: maximum(2.75, names["y"]) - names["x"],
        lambda names: below(names["x"] / 2, names["y"] / 3),
        lambda names: 1.5 / names["y"] + 2.0 - names["x"],
        lambda names: 1 if names["y"] > 2.6 else 0.5,
        lambda names: -(names["x"] / names["y"]) * names["y"],
    ):
        found, _ = by_array(formula, grid)
        assert found == pytest.approx([float(value) for value in plainly(formula, grid)])


def test_a_message_has_the_numbers_of_each_point() -> None:
    def formula(names: Mapping[str, Any]) -> Any:
        if names["x"] < names["y"]:
            raise SpecError([Problem(f"{names['x']} of {names['y']:,} is less than {4}")])
        return 0

    grid = grid_of(x=[1, Fraction(5, 2)], y=[2, 1000])
    said = {
        int(place): message
        for run in runs(Asked(formula), grid, "", grid.whole())
        if run.said is not None
        for places in [np.arange(grid.size)[run.places]]
        for place, message in zip(places, run.said.messages(len(places)), strict=True)
    }
    assert said == {
        0: "1 of 2 is less than 4",
        1: "1 of 1,000 is less than 4",
        3: "2.5 of 1,000 is less than 4",
    }
