"""GitLab's Code Quality report, held to a schema of what GitLab documents.

GitLab publishes no schema that says all of it (its own checks types alone), so
schemas/gitlab-codequality.json is written by hand.
"""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from sepconv_cli.show.table import Finding
from tests.formats.reports import (
    AWKWARD,
    NAMES,
    SHOWN,
    finding,
    many,
    named,
    one_of_each,
    plain,
    render,
    report,
)

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "gitlab-codequality.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def entries(*findings: Finding) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(render("gitlab", report(*findings)))
    VALIDATOR.validate(found)
    return found


def test_an_entry() -> None:
    (entry,) = entries(finding(file="./nets/my net.yaml"))
    assert len(entry.pop("fingerprint")) == 64
    assert entry == {
        "description": "MobileNetV1 standard: 569,000,000 MACs are 269,000,000 over 300,000,000\n"
        "separable_12: 52,000,000\nseparable_13: 51,000,000",
        "check_name": "phone",
        "severity": "major",
        "location": {"path": "nets/my net.yaml", "lines": {"begin": 3}},
    }


def test_the_schema_refuses_another_severity_and_a_path_with_a_dot() -> None:
    (entry,) = entries(finding())
    assert not VALIDATOR.is_valid([{**entry, "severity": "error"}])
    assert not VALIDATOR.is_valid([{**entry, "location": {"path": "./a", "lines": {"begin": 1}}}])


def test_nothing_found_is_an_empty_list() -> None:
    assert entries() == []
    assert entries(finding("passed"), finding("skipped")) == []


def test_severities() -> None:
    assert [entry["severity"] for entry in entries(*one_of_each())] == [
        "major", "major", "minor", "info",
    ]  # fmt: skip


def test_a_finding_without_a_file_has_a_path_nevertheless() -> None:
    (entry,) = entries(finding(file=None))
    assert entry["location"] == {"path": "no file", "lines": {"begin": 3}}


def test_a_moved_line_leaves_the_fingerprint() -> None:
    before, after = entries(finding(line=3)), entries(finding(line=30, column=1))
    assert before[0]["fingerprint"] == after[0]["fingerprint"]
    assert before[0]["location"] != after[0]["location"]


def test_fingerprints_are_unique_even_of_findings_that_share_one() -> None:
    found = entries(*many(10_000), *[finding()] * 3)
    assert len({entry["fingerprint"] for entry in found}) == len(found) == 10_003


@pytest.mark.parametrize("status", SHOWN)
@pytest.mark.parametrize("name", AWKWARD.values(), ids=AWKWARD)
def test_awkward_names_come_back(name: str, status: Any) -> None:
    check_comes_back(named(name, status), name)


@settings(deadline=None)
@given(NAMES)
def test_names_come_back(name: str) -> None:
    check_comes_back(named(name), name)


def check_comes_back(given: Finding, name: str) -> None:
    (entry,) = entries(given)
    assert entry["check_name"] == plain(name)
    assert entry["description"].startswith(f"{plain(name)}: {plain(name)}")
