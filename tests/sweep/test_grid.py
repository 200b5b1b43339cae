"""Ranges and lists as exact values, and the grid in blocks that cover it once."""

from fractions import Fraction
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepconv_cli import UsageError
from sepconv_cli.sweep.grid import Axis, Grid, read_grid


def values(setting: str) -> list[object]:
    (axis,) = read_grid([setting]).axes
    return [axis.value(index) for index in range(axis.size)]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("n=1:4", [1, 2, 3, 4]),
        ("n=96:288:64", [96, 160, 224, 288]),
        ("n=96:287:64", [96, 160, 224]),
        ("n=0.1:0.4:0.1", [Fraction(1, 10), Fraction(1, 5), Fraction(3, 10), Fraction(2, 5)]),
        ("n=0:1:1/3", [0, Fraction(1, 3), Fraction(2, 3), 1]),
        ("n=3:1:-1", [3, 2, 1]),
        ("n=0.5, 1,2", [Fraction(1, 2), 1, 2]),
        ("n=true,false", [True, False]),
        ("n=7:7:1", [7]),
    ],
)
def test_values_are_exact_and_the_end_is_among_them_where_it_is_met(
    setting: str, expected: list[object]
) -> None:
    assert values(setting) == expected
    assert list(map(type, values(setting))) == list(map(type, expected))


def test_a_hundred_and_twenty_six_widths() -> None:
    """In floating point 0.25 + 125 * 0.01 is 1.5 or a hair beside it."""
    found = values("width=0.25:1.5:0.01")
    assert len(found) == 126
    assert (found[0], found[4], found[-1]) == (Fraction(1, 4), Fraction(29, 100), Fraction(3, 2))


@pytest.mark.parametrize(
    ("given_settings", "message"),
    [
        (["width"], "expected NAME=START:STOP:STEP or NAME=VALUES"),
        (["width=1:2:0"], "the step leads nowhere"),
        (["width=2:1"], "the step leads nowhere"),
        (["width=1:2:3:4"], "a range is START:STOP or START:STOP:STEP"),
        (["width=1:x"], "no parameter is called x"),
        (["width=1,1.0"], "width has a value twice"),
        (["width=1,true"], "a number at some points and true or false at others"),
        (["width=1:2", "width=3"], "width is set twice"),
        (["width=0:1:1e-9"], "1,000,000,001 values"),
        (["a=1:1e7", "b=1:1e7"], "100,000,000,000,000 points"),
        ([], "a sweep needs a parameter to vary"),
    ],
)
def test_what_is_no_grid_is_refused(given_settings: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message.replace(".", r"\.")):
        read_grid(given_settings)


@settings(deadline=None)
@given(st.lists(st.integers(1, 20), min_size=1, max_size=3), st.integers(1, 50))
def test_blocks_are_the_points_once_and_in_order(sizes: list[int], most: int) -> None:
    grid = Grid(tuple(Axis(f"a{n}", size, 1, 0, 1) for n, size in enumerate(sizes)))
    seen = 0
    for block in grid.blocks(most):
        assert block.first == seen
        assert 1 <= block.size <= most
        first = tuple(start for start, _ in block.ranges)
        last = tuple(stop - 1 for _, stop in block.ranges)
        assert grid.indices(block.first) == first
        assert grid.indices(block.first + block.size - 1) == last
        seen += block.size
    assert seen == prod(sizes)
