"""A device's profile: one JSON file with the numbers of the formula, where they come from, and how
exact they were on networks that they weren't fitted to."""

import re
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec

from sepconv_cli.errors import Problem, SpecError, did_you_mean
from sepconv_cli.latency.formula import COEFFICIENTS, FORM, VERSION
from sepconv_cli.latency.work import WorkKind

MAX_PROFILE_BYTES = 2**20
NAME = r"[a-z0-9][a-z0-9._-]*"

Range = tuple[float, float]
"""The least and the most."""


class Fitted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a profile was fitted to: how many networks, and a hash of their measurements."""

    networks: int
    hash: str


class ProfileErrors(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How exact predictions were on the `held_out` networks, to which nothing was fitted.

    Shares are between 0 and 1. `pairs_right` is of pairs whose MACs differ by less than a fifth;
    `pair`, where it was measured, the median error of the quotient of two networks' times.
    """

    held_out: int
    median_error: float
    within_10_percent: float
    within_20_percent: float
    rank_correlation: float
    pairs_right: float
    pair: float | None = None


class SeenWork(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Between which bounds one kind of work was among what was fitted.

    MACs and elements are of a whole batch; `channels` are those of both axes of a matrix product.
    """

    elements: Range
    macs: Range | None = None
    channels: Range | None = None


class Profile(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """The numbers of a device, in one precision, layout and runtime.

    `name` is what a user types, `title` what a person knows the device by. `form` and `version`
    say which formula the `coefficients` are of, in seconds; `batch_size` is what most networks
    were measured at, `batch_sizes` the least and the most.
    """

    name: str
    title: str
    form: str
    version: int
    precision: str
    layout: str
    compiled: bool
    runtime: str
    software: str
    batch_size: int
    batch_sizes: tuple[int, int]
    source: str
    date: str
    fitted: Fitted
    errors: ProfileErrors
    coefficients: dict[str, float]
    seen: dict[WorkKind, SeenWork]

    @property
    def pair_error(self) -> float:
        """The error of the quotient of two predictions.

        Where it wasn't measured, both are taken to be off independently of each other: the median
        error times the root of 2.
        """
        errors = self.errors
        return errors.median_error * 2**0.5 if errors.pair is None else errors.pair


def read_profile(path: Path) -> Profile:
    """The profile in a file. Raises SpecError that names the file and the place in it."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_PROFILE_BYTES + 1)
    except OSError as error:
        raise SpecError([Problem(f"{path}: {error.strerror or error}")]) from error
    if len(text) > MAX_PROFILE_BYTES:
        raise SpecError([Problem(f"{path}: larger than a profile can be")])
    return profile_of(text, str(path))


def profile_of(text: bytes, name: str) -> Profile:
    """The profile in a text that was read from a file of that name. Raises SpecError."""
    try:
        _refuse_other_form(msgspec.json.decode(text), name)
        profile = msgspec.json.decode(text, type=Profile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SpecError([Problem(f"{name}: {_in_words(error)}", hint=_HINT)]) from error
    problems = [Problem(f"{name}: {text}", hint=hint) for text, hint in _absurdities(profile)]
    if problems:
        raise SpecError(problems)
    return profile


_HINT = "a profile is written by `sepconv calibrate`"


def profile_json(profile: Profile) -> str:
    """A profile as the text of its file, which people can read."""
    text: bytes = msgspec.json.format(msgspec.json.encode(profile), indent=2)
    # Two bounds are one line.
    plain = re.sub(r"\[\s+([^\[\]]*?),\s+([^\[\]]*?)\s+\]", r"[\1, \2]", text.decode())
    return plain + "\n"


def _refuse_other_form(found: Any, name: str) -> None:
    """Raise SpecError for another formula's profile, whose other keys may differ too."""
    if not isinstance(found, dict) or not {"form", "version"} <= found.keys():
        return
    if (found["form"], found["version"]) != (FORM, VERSION):
        message = (
            f"{name}: $.version: a profile for version {found['version']} of the formula "
            f"{found['form']!r}, but this program has version {VERSION} of {FORM!r}"
        )
        raise SpecError([Problem(message, hint="calibrate the device again")])


def _in_words(error: Exception) -> str:
    """`$.errors: ...`, the place first."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    message, at, place = str(error).rpartition(" - at ")
    # A bad key is "at `key` in `$.seen`".
    where = place.strip("`").rpartition("` in `")[2]
    return f"{where}: {_lower(message)}" if at else f"$: {_lower(str(error))}"


def _lower(text: str) -> str:
    return text if text.startswith("JSON") else text[:1].lower() + text[1:]


_Absurdity = tuple[str, str | None]
"""What is wrong and where, and what might mend it."""


def _absurdities(profile: Profile) -> Iterator[_Absurdity]:
    if not re.fullmatch(NAME, profile.name):
        yield f"$.name: {profile.name!r} is no name of a device", "such as rtx4090-amp"
    yield from _bad_coefficients(profile.coefficients)
    yield from _bad_errors(profile.errors)
    yield from _bad_batches(profile)
    if profile.fitted.networks < 1:
        yield "$.fitted.networks: a profile is fitted to one network at least", None
    for kind, seen in profile.seen.items():
        for name in ("elements", "macs", "channels"):
            least, most = getattr(seen, name) or (0, 0)
            if not 0 <= least <= most < float("inf"):
                yield f"$.seen.{kind}.{name}: expected the least and the most", None


def _bad_coefficients(found: dict[str, float]) -> Iterator[_Absurdity]:
    for name in COEFFICIENTS:
        if name not in found:
            yield f"$.coefficients: {name} is missing", None
    for name, value in found.items():
        if name not in COEFFICIENTS:
            hint = did_you_mean(name, COEFFICIENTS)
            yield f"$.coefficients: {name} is no coefficient of the formula", hint
        elif not (isfinite(value) and value > 0):
            yield f"$.coefficients[{name!r}]: {value} is no number above 0", None


def _bad_errors(errors: ProfileErrors) -> Iterator[_Absurdity]:
    shares = ("within_10_percent", "within_20_percent", "pairs_right")
    bounds = {
        "median_error": (0, 10),
        "pair": (0, 10),
        "rank_correlation": (-1, 1),
        "held_out": (0, 10**9),
        **dict.fromkeys(shares, (0, 1)),
    }
    for name, (least, most) in bounds.items():
        value = getattr(errors, name)
        if value is not None and not least <= value <= most:
            yield f"$.errors.{name}: {value} is not between {least} and {most:,}", None


def _bad_batches(profile: Profile) -> Iterator[_Absurdity]:
    least, most = profile.batch_sizes
    if not 1 <= least <= profile.batch_size <= most:
        yield "$.batch_sizes: expected the least and the most, with batch_size between them", None
