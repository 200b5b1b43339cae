"""Profiles: read, written, and refused with the file and the place in it."""

from pathlib import Path
from typing import Any

import pytest

from sepconv_cli import SpecError
from sepconv_cli.latency.find import device_names, find_profile
from sepconv_cli.latency.profile import profile_json, profile_of, read_profile
from tests.latency.by_hand import NUMBERS, PROFILE, write_profile


def _without(name: str) -> dict[str, float]:
    return {key: value for key, value in NUMBERS.items() if key != name}


ERRORS = PROFILE["errors"]
BAD: list[tuple[dict[str, Any], str]] = [
    ({"coefficients": _without("overhead")}, "$.coefficients: overhead is missing"),
    (
        {"coefficients": NUMBERS | {"memory.dence": 1e-9}},
        "$.coefficients: memory.dence is no coefficient of the formula",
    ),
    (
        {"coefficients": NUMBERS | {"overhead": -1.0}},
        "$.coefficients['overhead']: -1.0 is no number above 0",
    ),
    (
        {"coefficients": NUMBERS | {"memory.copy": 0}},
        "$.coefficients['memory.copy']: 0.0 is no number above 0",
    ),
    (
        {"coefficients": NUMBERS | {"memory.copy": "1"}},
        "$.coefficients[...]: expected `float`, got `str`",
    ),
    ({"coefficients": NUMBERS | {"memory.copy": float("nan")}}, "$: JSON is malformed"),
    ({"coefficients": NUMBERS | {"memory.copy": float("inf")}}, "$: JSON is malformed"),
    ({"version": 2}, "$.version: a profile for version 2 of the formula 'rounded roofline'"),
    ({"form": "sum", "new": 1}, "$.version: a profile for version 1 of the formula 'sum'"),
    ({"colour": "red"}, "$: object contains unknown field `colour`"),
    ({"errors": {**ERRORS, "worst": 1}}, "$.errors: object contains unknown field `worst`"),
    (
        {"errors": {**ERRORS, "median_error": -0.1}},
        "$.errors.median_error: -0.1 is not between 0 and 10",
    ),
    (
        {"errors": {**ERRORS, "within_10_percent": 60}},
        "$.errors.within_10_percent: 60.0 is not between 0 and 1",
    ),
    ({"name": "../x"}, "$.name: '../x' is no name of a device"),
    ({"fitted": {"networks": 0, "hash": ""}}, "$.fitted.networks: a profile is fitted to one"),
    ({"batch_sizes": [2, 8]}, "$.batch_sizes: expected the least and the most"),
    (
        {"seen": {"dense": {"elements": [5, 1]}}},
        "$.seen.dense.elements: expected the least and the most",
    ),
    ({"seen": {"denser": {"elements": [1, 5]}}}, "$.seen: invalid enum value 'denser'"),
]


@pytest.mark.parametrize(("changes", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_profiles_are_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    written = write_profile(tmp_path, **{**changes, "name": "bad"})
    text = written.read_text().replace('"bad"', f'"{changes.get("name", "bad")}"')
    written.write_text(text)
    with pytest.raises(SpecError) as error:
        read_profile(written)
    assert error.value.problems[0].message.startswith(f"{written}: {message}")


def test_infinity_is_no_number(tmp_path: Path) -> None:
    """Written as a number that is too large for a float."""
    path = write_profile(tmp_path)
    path.write_text(path.read_text().replace('"overhead": 1e-07', '"overhead": 1e999'))
    with pytest.raises(SpecError, match=r"out of range|overhead"):
        read_profile(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "$: Input data was truncated"),
        (b"[]", "$: Expected `object`, got `array`"),
        (b"{", "$: Input data was truncated"),
        (b'{"name": "x"}', "$: Object missing required field `title`"),
        (b"\xff\xfe", ""),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_profile(text: bytes, message: str) -> None:
    with pytest.raises(SpecError) as error:
        profile_of(text, "x.json")
    assert error.value.problems[0].message.lower().startswith(f"x.json: {message}".lower())


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    path = write_profile(tmp_path, coefficients=_without("overhead") | {"memory.copy": -1.0})
    with pytest.raises(SpecError) as error:
        read_profile(path)
    assert len(error.value.problems) == 2


def test_a_profile_is_written_as_it_is_read(tmp_path: Path) -> None:
    profile = read_profile(write_profile(tmp_path))
    text = profile_json(profile)
    assert profile_of(text.encode(), "again") == profile
    assert '"batch_sizes": [1, 8],' in text
    assert text.endswith("}\n")


def test_the_error_of_a_quotient_where_it_was_not_measured(tmp_path: Path) -> None:
    """Two that are off by 7 % each, independently: 7 % times the root of 2."""
    measured = read_profile(write_profile(tmp_path))
    errors = {key: value for key, value in PROFILE["errors"].items() if key != "pair"}
    not_measured = read_profile(write_profile(tmp_path, errors=errors))
    assert measured.pair_error == 0.1
    assert not_measured.pair_error == pytest.approx(0.098995, rel=1e-5)


@pytest.mark.parametrize("name", device_names())
def test_profiles_that_come_with_the_program(name: str) -> None:
    profile = find_profile(name)
    assert profile.name == name
    assert profile.seen
    assert name.endswith("-compiled") <= profile.compiled
