"""reviewdog's DiagnosticResult, held to a schema of reviewdog.proto.

schemas/rdjson.json is written by hand: the names and types of the protocol's messages, and stricter
than the published schema, which requires nothing and allows everything.
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
    finding,
    many,
    named,
    one_of_each,
    plain,
    render,
    report,
)

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "rdjson.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def diagnostics(*findings: Finding) -> list[dict[str, Any]]:
    result = json.loads(render("rdjson", report(*findings)))
    VALIDATOR.validate(result)
    assert result["source"] == {"name": "sepconv"}
    found: list[dict[str, Any]] = result["diagnostics"]
    return found


def test_a_diagnostic() -> None:
    assert diagnostics(finding()) == [
        {
            "message": "MobileNetV1 standard: 569,000,000 MACs are 269,000,000 over 300,000,000\n"
            "separable_12: 52,000,000\nseparable_13: 51,000,000",
            "location": {
                "path": "nets/net.yaml",
                "range": {"start": {"line": 3, "column": 5}},
            },
            "severity": "ERROR",
            "code": {"value": "phone"},
        }
    ]


def test_the_schema_refuses_another_severity() -> None:
    (one,) = diagnostics(finding())
    result = {"source": {}, "diagnostics": [{**one, "severity": "failed"}]}
    assert not VALIDATOR.is_valid(result)


def test_nothing_found() -> None:
    assert diagnostics() == []
    assert diagnostics(finding("passed"), finding("skipped")) == []


def test_severities_and_a_finding_without_a_file() -> None:
    found = diagnostics(*one_of_each())
    assert [one["severity"] for one in found] == ["ERROR", "ERROR", "WARNING", "INFO"]
    assert found[0]["location"] == {"path": "no file"}


def test_ten_thousand() -> None:
    assert len(diagnostics(*many(10_000))) == 10_000


@pytest.mark.parametrize("name", AWKWARD.values(), ids=AWKWARD)
def test_awkward_names_come_back(name: str) -> None:
    check_comes_back(name)


@settings(deadline=None)
@given(NAMES)
def test_names_come_back(name: str) -> None:
    check_comes_back(name)


def check_comes_back(name: str) -> None:
    (found,) = diagnostics(named(name))
    assert found["code"]["value"] == plain(name)
    assert found["message"].startswith(f"{plain(name)}: {plain(name)}")
