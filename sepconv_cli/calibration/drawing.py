"""Fitting to some measurements, and scoring on those that weren't fitted.

What is usual on devices is taken from the profiles that the program brings: round numbers, graphics
cards or processors, whichever predicts best what is held back of the measurements *to be fitted*.
"""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from sepconv_cli.calibration.networks import place_in_split
from sepconv_cli.errors import UsageError, plural
from sepconv_cli.latency.draw import fitted_to, place_of, predicted_seconds
from sepconv_cli.latency.find import shipped_profiles
from sepconv_cli.latency.fit import LEAST, TimedNetwork, fitted
from sepconv_cli.latency.prior import Prior, plain_prior, prior_over
from sepconv_cli.latency.profile import Profile
from sepconv_cli.latency.score import Score, score

_PARTS = 4
"""In turns a quarter is held back."""

_STACK = "stack:"
"""Single layers begin with this: nobody asks how exact these are."""

_REST = "Scored on those that it wasn't fitted to."
_ALL = "Scored on all of the table: whether it was fitted to some of them isn't known."
_TURNS = "Each quarter was held back once, scored by a fit to the rest; in the end all were fitted."

Networks = Sequence[TimedNetwork]


class Drawing(msgspec.Struct, frozen=True):
    """Coefficients, the networks that they are fitted to, and their score on others.

    Where all `networks` were fitted in the end, those of the score were predicted by fits that
    hadn't seen them; `how` says so.
    """

    coefficients: dict[str, float]
    networks: tuple[TimedNetwork, ...]
    score: Score
    how: str


def drawing(measured: Networks, fit: int | None = None) -> Drawing:
    """Fit to the first `fit` networks and score on the rest, or hold back each quarter in turn and
    fit to all of them. Raises UsageError where there are too few."""
    if fit is None:
        return _in_turns(measured)
    if fit >= len(measured):
        raise UsageError(
            f"{plural(len(measured), 'network')} measured: {fit} to fit leave none to score",
            f"measure more, or fit {LEAST} to {len(measured) - 1}",
        )
    known, rest = measured[:fit], measured[fit:]
    coefficients = fitted(known, _usual(known))
    return Drawing(coefficients, tuple(known), score_of(coefficients, rest), _REST)


def score_of(coefficients: dict[str, float], measured: Networks) -> Score:
    """How well coefficients predict what was measured. Raises UsageError without any."""
    return _scored(measured, predicted_seconds(coefficients, measured))


def _scored(measured: Networks, predicted: Sequence[float]) -> Score:
    return score(
        [f"{each.name}, batch of {each.samples}" for each in measured],
        predicted,
        [each.seconds for each in measured],
        [each.macs for each in measured],
    )


def _in_turns(measured: Networks) -> Drawing:
    parts = _parts(measured)
    if _fewest_known(parts) < LEAST:
        raise UsageError(
            f"{plural(len(measured), 'network')} measured, of which {_fewest_known(parts)} stay "
            f"where a quarter is held back, but a profile takes {LEAST} at least",
            "ten different ones make a rough profile, forty a good one",
        )
    found = list(_held_back(parts, _usual))
    asked = [each for each in found if not each[0].name.startswith(_STACK)] or found
    tested, predicted = zip(*asked, strict=True)
    coefficients = fitted(measured, _usual(measured))
    return Drawing(coefficients, tuple(measured), _scored(tested, predicted), _TURNS)


def _parts(measured: Networks) -> list[list[TimedNetwork]]:
    """Quarters; variants and sizes of one network are in the same."""
    part_of = {group: at % _PARTS for at, group in enumerate(sorted(set(map(_group, measured))))}
    parts: list[list[TimedNetwork]] = [[] for _ in range(_PARTS)]
    for each in measured:
        parts[part_of[_group(each)]].append(each)
    return parts


def _fewest_known(parts: Sequence[Networks]) -> int:
    """How many networks are left where the largest part is held back."""
    return sum(map(len, parts)) - max(map(len, parts))


def _held_back(
    parts: Sequence[Networks], usual: Callable[[Networks], Prior]
) -> Iterator[tuple[TimedNetwork, float]]:
    """Each network with what a fit that hasn't seen its part predicts."""
    for held in filter(None, parts):
        known = [each for part in parts if part is not held for each in part]
        yield from zip(held, predicted_seconds(fitted(known, usual(known)), held), strict=True)


def _group(network: TimedNetwork) -> float:
    """Variants and sizes of one network are held back together, layers each on its own."""
    if network.name.startswith(_STACK):
        return place_in_split(network)
    return place_of(network.name.rpartition("@")[0].split()[0])


def _usual(known: Networks) -> Prior:
    """What is usual on devices like the measured one, as a part of the known networks tells.

    Where these are few, it is what is usual on all.
    """
    usual, parts = list(_candidates()), _parts(known)
    if _fewest_known(parts) < LEAST:
        return usual[0]
    return min(usual, key=lambda prior: _error(parts, prior))


def _error(parts: Sequence[Networks], prior: Prior) -> float:
    """The median error of fits by a prior on what they haven't seen."""
    tested, predicted = zip(*_held_back(parts, lambda _: prior), strict=True)
    return _scored(tested, predicted).median_error


def _candidates() -> Iterator[Prior]:
    profiles = shipped_profiles()
    every = [each.coefficients for each in profiles]
    processors = [each.coefficients for each in profiles if each.precision == "float32"]
    cards = [each.coefficients for each in profiles if each.precision != "float32"]
    yield prior_over(every, every, scatter=0.5, overall=3.0)
    yield prior_over(cards, cards)
    yield prior_over(processors, every, scatter=0.5, overall=2.0)
    yield plain_prior()


def unseen(profile: Profile, measured: Networks) -> tuple[Networks, str]:
    """Those that a profile wasn't fitted to, as far as that is known, and a sentence that says so.

    Its hash tells whether it was fitted to the first of these very measurements.
    """
    count = profile.fitted.networks
    if fitted_to(measured[:count]) == profile.fitted:
        return measured[count:], _REST
    return measured, _ALL
