"""How well predictions agree with measurements: errors, order, pairs of networks."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from sepconv_cli.errors import UsageError

CLOSE = 1.2
"""Networks are a pair where the MACs of one are less than so many times those of the other."""

_WORST = 10


class Worst(msgspec.Struct, frozen=True):
    """A network with what was predicted and measured, in seconds of a batch."""

    network: str
    predicted: float
    measured: float

    @property
    def error(self) -> float:
        """The relative error: above 0 where it is predicted too slow."""
        return self.predicted / self.measured - 1


class Score(msgspec.Struct, frozen=True):
    """How exact predictions were; shares are between 0 and 1.

    `pairs_right` is the share of pairs of networks, whose MACs differ by less than a fifth, of
    which the faster one is named: None where there is no such pair. `pair` is the median error of
    the quotient of their two times. `rank_correlation` is Spearman's.
    """

    networks: int
    median_error: float
    within_10_percent: float
    within_20_percent: float
    rank_correlation: float
    pairs_right: float | None
    pair: float | None
    worst: tuple[Worst, ...]


def score(
    names: Sequence[str],
    predicted: Sequence[float],
    measured: Sequence[float],
    macs: Sequence[int],
) -> Score:
    """How well predicted seconds agree with measured ones. Raises UsageError without any."""
    if not names:
        raise UsageError("no network was measured that the profile wasn't fitted to")
    times, truth = np.array(predicted, float), np.array(measured, float)
    errors = np.abs(times / truth - 1)
    right, pair = _pairs(times, truth, np.array(macs, float))
    order = np.argsort(-np.abs(np.log(times / truth)), kind="stable")[:_WORST]
    return Score(
        networks=len(names),
        median_error=float(np.median(errors)),
        within_10_percent=float(np.mean(errors <= 0.1)),
        within_20_percent=float(np.mean(errors <= 0.2)),
        rank_correlation=rank_correlation(times, truth),
        pairs_right=right,
        pair=pair,
        worst=tuple(Worst(names[at], float(times[at]), float(truth[at])) for at in order.tolist()),
    )


_Floats = NDArray[np.float64]


def _pairs(times: _Floats, truth: _Floats, macs: _Floats) -> tuple[float | None, float | None]:
    """Of close pairs the share in the right order, and the median error of the quotient."""
    first, second = np.triu_indices(len(times), 1)
    less, more = np.minimum(macs[first], macs[second]), np.maximum(macs[first], macs[second])
    close = more < CLOSE * less
    if not close.any():
        return None, None
    first, second = first[close], second[close]
    said, true = np.log(times[first] / times[second]), np.log(truth[first] / truth[second])
    right = float(np.mean(np.sign(said) == np.sign(true)))
    return right, float(np.median(np.expm1(np.abs(said - true))))


def rank_correlation(left: _Floats, right: _Floats) -> float:
    """Spearman's: the correlation of ranks, equal values sharing theirs; 1 of a single network."""
    one, other = _ranks(left), _ranks(right)
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 1.0 if len(left) == 1 else 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _ranks(values: _Floats) -> _Floats:
    _, which, many = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(many)
    shared: _Floats = (last - (many - 1) / 2)[which]
    return shared
