"""Pareto fronts and the best points, against trying every pair; blocks as small as one point."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepconv_cli import UsageError
from sepconv_cli.conventions import convention
from sepconv_cli.sweep import select
from sepconv_cli.sweep.front import undominated
from sepconv_cli.sweep.goals import Goal, Points, goal
from sepconv_cli.sweep.grid import Axis, Grid
from sepconv_cli.sweep.metrics import Metrics
from sepconv_cli.sweep.select import First, Pareto, Top

METRICS = Metrics(convention("macs"), 4)
GRID = Grid((Axis("width", 1000, 1, 0, 1),))
columns = st.integers(1, 5).flatmap(
    lambda count: st.lists(
        st.lists(st.integers(0, 6), min_size=count, max_size=count), min_size=1, max_size=40
    )
)


def points(rows: list[list[int]], start: int = 0) -> Points:
    numbers = np.arange(start, start + len(rows))
    values = {f"k{at}": np.array([row[at] for row in rows]) for at in range(len(rows[0]))}
    return Points(numbers, np.zeros(len(rows), int), values)


def best(rows: list[list[int]]) -> set[int]:
    """Those that no other row equals or beats everywhere and beats somewhere."""
    return {
        at
        for at, row in enumerate(rows)
        if not any(
            other != row and all(a <= b for a, b in zip(other, row, strict=True)) for other in rows
        )
    }


@given(columns)
def test_what_is_not_dominated(rows: list[list[int]]) -> None:
    keys = [np.array([row[at] for row in rows]) for at in range(len(rows[0]))]
    found = undominated(keys).tolist()
    assert sorted(found) == sorted(best(rows))


@given(st.integers(0, 2**32), st.integers(1, 5), st.sampled_from([5, 50, 10**6]))
@settings(max_examples=30, deadline=None)
def test_large_fronts(seed: int, count: int, most: int) -> None:
    """More rows than are tried pair by pair, with few ties or many."""
    rows = np.random.default_rng(seed).integers(0, most, (400, count))
    beaten = np.all(rows[None] <= rows[:, None], axis=2) & np.any(
        rows[None] < rows[:, None], axis=2
    )
    found = undominated([rows[:, at] for at in range(count)])
    assert sorted(found.tolist()) == np.flatnonzero(~beaten.any(axis=1)).tolist()


@given(columns, st.integers(1, 7))
def test_a_front_doesnt_hang_on_the_blocks(rows: list[list[int]], size: int) -> None:
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(select, "PENDING", 10)
    front = Pareto(GRID, [Goal(f"k{at}") for at in range(len(rows[0]))])
    for start in range(0, len(rows), size):
        front.add(points(rows[start : start + size], start))
    monkeypatch.undo()
    assert front.points is not None
    assert set(front.points.points.tolist()) == best(rows)


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=60), st.integers(1, 9), st.booleans())
def test_the_top_is_the_head_of_the_sorted_list(values: list[int], size: int, most: bool) -> None:
    top = Top(GRID, Goal("k0", most), 5)
    for start in range(0, len(values), size):
        top.add(points([[value] for value in values[start : start + size]], start))
    ordered = sorted(enumerate(values), key=lambda pair: (-pair[1] if most else pair[1], pair[0]))
    assert top.points is not None
    assert top.points.points.tolist() == [at for at, _ in ordered[:5]]


def test_large_integers_are_ordered_exactly() -> None:
    """As floats these would be equal."""
    values = [2**70 + 1, 2**70, 2**70 + 2]
    top = Top(GRID, Goal("k0"), 2)
    found = points([[0], [0], [0]])._replace(values={"k0": np.array(values, dtype=object)})
    top.add(found)
    assert top.points is not None
    assert top.points.points.tolist() == [1, 0]


def test_a_parameter_can_be_a_goal() -> None:
    """(cost, width): 3 at 0, 1 at 1, 1 at 2 and 2 at 3; 0 and 1 are beaten by 2 or 3."""
    front = Pareto(GRID, [Goal("k0"), Goal("width", True)])
    front.add(points([[3], [1], [1], [2]]))
    assert front.points is not None
    assert front.points.points.tolist() == [2, 3]


def test_the_first_few() -> None:
    first = First(3)
    first.add(points([[1], [2]]))
    first.add(points([[3], [4]], 2))
    assert not first.wants_more
    assert first.points is not None
    assert first.points.points.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("macs", Goal("macs")),
        ("count", Goal("macs")),
        ("-macs", Goal("macs", True)),
        ("max:width", Goal("width", True)),
        ("min:parameters", Goal("parameters")),
        ("macs_ratio", Goal("macs_ratio")),
    ],
)
def test_goals(text: str, expected: Goal) -> None:
    assert goal(text, METRICS, ["width"]) == expected


@pytest.mark.parametrize("text", ["mac", "most:macs", ":macs", ""])
def test_what_is_no_goal_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        goal(text, METRICS, ["width"])
