"""Scores of four networks, worked out by hand."""

import numpy as np
import pytest

from sepconv_cli import UsageError
from sepconv_cli.latency.score import rank_correlation, score

NAMES = ("a", "b", "c", "d")
MEASURED = (10.0, 10.0, 20.0, 40.0)
PREDICTED = (10.9, 8.5, 20.0, 60.0)
MACS = (100, 110, 119, 400)


def test_errors() -> None:
    """9, 15, 0 and 50 %: the median lies between 9 and 15."""
    found = score(NAMES, PREDICTED, MEASURED, MACS)
    assert found.networks == 4
    assert found.median_error == pytest.approx(0.12)
    assert found.within_10_percent == 0.5
    assert found.within_20_percent == 0.75


def test_the_worst_come_first() -> None:
    """By the factor: 1.5, then 1 / 0.85, 1.09 and 1."""
    found = score(NAMES, PREDICTED, MEASURED, MACS)
    assert [each.network for each in found.worst] == ["d", "b", "a", "c"]
    assert found.worst[0].error == pytest.approx(0.5)


def test_pairs_of_close_macs() -> None:
    """a-b, a-c and b-c are closer than a fifth. a and b take as long, which isn't said; a-c and b-c
    are in the right order. Quotients are off by 10.9 / 8.5 = 1.282, 1.09 and 1 / 0.85 = 1.176."""
    found = score(NAMES, PREDICTED, MEASURED, MACS)
    assert found.pairs_right == pytest.approx(2 / 3)
    assert found.pair == pytest.approx(1 / 0.85 - 1)


def test_a_fifth_more_is_no_pair() -> None:
    found = score(("a", "b"), (1.0, 2.0), (1.0, 2.0), (100, 120))
    assert found.pairs_right is None
    assert found.pair is None


def test_rank_correlation_by_hand() -> None:
    """Ranks 1 2 3 4 against 1 3 2 4: 1 - 6 x 2 / (4 x 15) = 0.8."""
    found = rank_correlation(np.array([1.0, 2, 3, 4]), np.array([10.0, 30, 20, 40]))
    assert found == pytest.approx(0.8)


def test_equal_values_share_a_rank() -> None:
    """Ranks 1.5 1.5 3 against 1 2 3: covariance 1.5, variances 1.5 and 2."""
    found = rank_correlation(np.array([5.0, 5, 7]), np.array([1.0, 2, 3]))
    assert found == pytest.approx(1.5 / (1.5 * 2) ** 0.5)


def test_nothing_to_score_is_refused() -> None:
    with pytest.raises(UsageError, match="no network was measured"):
        score((), (), (), ())
