"""A profile from measurements: fitted to some of them, scored on the rest."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from sepconv_cli.latency.fit import TimedNetwork, rows_of, seconds_of
from sepconv_cli.latency.formula import COEFFICIENTS
from sepconv_cli.latency.profile import Fitted, ProfileErrors, SeenWork
from sepconv_cli.latency.score import Score, score
from sepconv_cli.latency.work import WorkKind, Workload


def place_of(name: str) -> float:
    """Where a network's name stands between 0 and 1, by its hash; suffixes of weights don't count.

    Splits are made by it, so that they can be made again.
    """
    plain = name.partition(".")[0]
    return int(hashlib.sha256(plain.encode()).hexdigest(), 16) / 2**256


def predicted_seconds(
    coefficients: Mapping[str, float], measured: Sequence[TimedNetwork]
) -> list[float]:
    """The seconds of each network's batch."""
    logs = np.log([coefficients[name] for name in COEFFICIENTS])
    seconds: list[float] = seconds_of(logs, rows_of(measured)).tolist()
    return seconds


def scored(coefficients: Mapping[str, float], measured: Sequence[TimedNetwork]) -> Score:
    """How well the coefficients predict what was measured. Raises UsageError without any."""
    return score(
        [each.name for each in measured],
        predicted_seconds(coefficients, measured),
        [each.seconds for each in measured],
        [each.macs for each in measured],
    )


def errors_of(found: Score) -> ProfileErrors:
    """A score as a profile holds it; where there were no pairs, none of them was right."""
    return ProfileErrors(
        held_out=found.networks,
        median_error=_short(found.median_error),
        within_10_percent=_short(found.within_10_percent),
        within_20_percent=_short(found.within_20_percent),
        rank_correlation=_short(found.rank_correlation),
        pairs_right=_short(found.pairs_right or 0.0),
        pair=None if found.pair is None else _short(found.pair),
    )


def _short(value: float) -> float:
    return float(f"{value:.4f}")


def fitted_to(measured: Sequence[TimedNetwork]) -> Fitted:
    """How many networks there are, and a hash of their measurements."""
    lines = [f"{each.name} {each.samples} {each.seconds:.9g}\n" for each in measured]
    text = "".join(sorted(lines))
    return Fitted(networks=len(measured), hash=hashlib.sha256(text.encode()).hexdigest()[:16])


def seen_in(measured: Sequence[TimedNetwork]) -> dict[WorkKind, SeenWork]:
    """Between which bounds each kind of work was."""
    works: dict[WorkKind, list[tuple[Workload, int]]] = {}
    for each in measured:
        for work, _ in each.works:
            works.setdefault(work.kind, []).append((work, each.samples))
    return {kind: _seen(found) for kind, found in sorted(works.items())}


def _seen(found: Sequence[tuple[Workload, int]]) -> SeenWork:
    elements = [work.elements * samples for work, samples in found]
    macs = [work.macs * samples for work, samples in found]
    channels = [axis for work, _ in found for axis in (work.inner, work.outer)]
    if not max(macs):
        return SeenWork(elements=(min(elements), max(elements)))
    return SeenWork(
        elements=(min(elements), max(elements)),
        macs=(min(macs), max(macs)),
        channels=(min(channels), max(channels)),
    )
