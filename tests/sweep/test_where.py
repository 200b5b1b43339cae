"""Filters on whole grids: the same points fit as one by one, and exactly at the boundary."""

import pytest

from sepconv_cli import UsageError
from sepconv_cli.conventions import convention
from sepconv_cli.sweep.metrics import Metrics
from sepconv_cli.sweep.question import SELECTED
from sepconv_cli.sweep.where import budgets, read_where
from tests.sweep.points import by_numpy, one_by_one, swept, valid

METRICS = Metrics(convention("macs"), 4)
# 9 x channels parameters, and as many MACs for each of 6 x 6 positions.
SPEC = """
input: [1, 8, 8]
parameters: {width: 1, channels: 1}
layers: [conv: {out_channels: channels, kernel_size: 3, bias: false}]
"""


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("parameters <= 27", [1, 2, 3]),
        ("parameters < 27", [1, 2]),
        ("27 < parameters", [4, 5, 6]),
        ("parameters == 18 or macs >= 1620", [2, 5, 6]),
        ("macs / parameters == 36 and channels > 2", [3, 4, 5, 6]),
        ("9 < parameters <= 36", [2, 3, 4]),
        ("not parameters <= 45", [6]),
        ("channels != 3 and channels % 2 == 1", [1, 5]),
        ("(parameters if channels > 3 else 0) >= 45", [5, 6]),
        ("count <= 324 and weight_bytes == 36", [1]),
        ("parameters * 1e15 >= 36e15", [4, 5, 6]),
        ("(macs > 700) == (channels < 5)", [3, 4]),
        ("true", [1, 2, 3, 4, 5, 6]),
        ("channels > 9", []),
    ],
)
def test_filters(where: str, expected: list[int]) -> None:
    sweep = swept(SPEC, ["channels=1:6"], ["standard"], ("macs",), where)
    found = by_numpy(sweep)["standard"]
    assert [at + 1 for at, point in enumerate(found) if valid(point)[SELECTED]] == expected
    assert found == one_by_one(sweep)["standard"]


def test_a_ratio_is_compared_exactly() -> None:
    """Depthwise-separable to standard is 1/N + 1/9: 11/18 at two channels."""
    spec = SPEC.replace("kernel_size: 3", "kernel_size: 3, padding: 1")
    where = "macs_ratio <= 11 / 18"
    sweep = swept(spec, ["channels=1:4"], ["depthwise_separable"], ("macs",), where)
    found = by_numpy(sweep)["depthwise_separable"]
    assert [valid(point)[SELECTED] for point in found] == [False, True, True, True]


def test_a_filter_doesnt_split_the_grid() -> None:
    where = "macs <= 1000 and (parameters < 20 or channels == 3)"
    sweep = swept(SPEC, ["channels=1:500"], ["standard"], ("macs",), where)
    by_numpy(sweep)
    assert len(sweep.structures["standard"]) == 1


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("mac <= 3", "nothing is called mac"),
        ("macs <=", "is not an expression"),
        ("macs.real > 1", "is not part of the expression language"),
        ("__import__('os')", "no function is called __import__"),
        ("width[0]", "is not part of the expression language"),
    ],
)
def test_what_is_no_filter_is_refused(where: str, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace(".", r"\.")):
        read_where(where, METRICS, ["width"])


def test_a_number_is_no_filter() -> None:
    with pytest.raises(UsageError, match="neither true nor false"):
        by_numpy(swept(SPEC, ["channels=1:6"], ["standard"], ("macs",), "macs and channels"))


def test_budgets_are_what_a_number_is_held_against() -> None:
    where = read_where("macs <= 300e6 and 4e6 > parameters and macs > width", METRICS, ["width"])
    assert budgets(where, "macs") == [300e6]
    assert budgets(where, "parameters") == [4e6]
    assert budgets(None, "macs") == []
