"""SARIF, held to the JSON Schema of 2.1.0 and to what GitHub's code scanning asks beyond it."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepconv_cli import __version__
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

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_text())
VALIDATOR = jsonschema.Draft4Validator(SCHEMA)


def run(*findings: Finding, valid: bool = True) -> dict[str, Any]:
    """The one run of the rendered report."""
    document = json.loads(render("sarif", report(*findings)))
    if valid:
        VALIDATOR.validate(document)
    (found,) = document["runs"]
    check_code_scanning(found)
    check_uris(found)
    result: dict[str, Any] = found
    return result


def check_code_scanning(found: dict[str, Any]) -> None:
    """https://docs.github.com/code-security/reference/code-scanning/sarif-files/sarif-support."""
    rules = found["tool"]["driver"]["rules"]
    for rule in rules:
        for text in ("shortDescription", "fullDescription", "help"):
            assert rule[text]["text"]
    for result in found["results"]:
        assert result["ruleId"] == rules[result["ruleIndex"]]["id"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert result["partialFingerprints"]


def check_uris(found: dict[str, Any]) -> None:
    """A path stays a path: no scheme, no query, nothing that RFC 3986 wants encoded."""
    for result in found["results"]:
        uri = uri_of(result)
        assert uri.isascii()
        assert not set(uri) & set(' "<>\\^`{|}?#')
        parts = urlsplit(uri)
        assert parts.scheme in ("", "file")
        assert urljoin("file:///root/", uri).endswith(parts.path.removeprefix("../"))


def uri_of(result: dict[str, Any]) -> str:
    uri: str = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    return uri


def test_a_run() -> None:
    found = run(finding())
    fingerprint = found["results"][0]["partialFingerprints"].pop("sepconvFinding/v1")
    assert len(fingerprint) == 64
    assert found["tool"]["driver"]["semanticVersion"] == __version__
    assert found["results"] == [
        {
            "ruleId": "phone",
            "ruleIndex": 0,
            "level": "error",
            "message": {
                "text": "MobileNetV1 standard: 569,000,000 MACs are 269,000,000 over 300,000,000\n"
                "separable_12: 52,000,000\nseparable_13: 51,000,000"
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "nets/net.yaml", "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": 3, "startColumn": 5},
                    },
                    "logicalLocations": [{"name": "MobileNetV1 standard"}],
                }
            ],
            "partialFingerprints": {},
        }
    ]


@pytest.mark.parametrize("found", [(), (finding("passed"), finding("skipped"))])
def test_where_nothing_is_wrong_there_are_no_results(found: tuple[Finding, ...]) -> None:
    assert run(*found)["results"] == []


def test_the_schema_refuses_an_unknown_level() -> None:
    document = json.loads(render("sarif", report(finding())))
    document["runs"][0]["results"][0]["level"] = "failed"
    assert not VALIDATOR.is_valid(document)


def test_levels_and_a_finding_without_a_file() -> None:
    found = run(*one_of_each())["results"]
    assert [result["level"] for result in found] == ["error", "error", "warning", "note"]
    assert found[0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "no%20file"}
    }


def test_a_rule_is_listed_once() -> None:
    found = run(*many(30))
    assert [rule["id"] for rule in found["tool"]["driver"]["rules"]] == [
        f"rule {number}" for number in range(7)
    ]


def test_a_moved_line_leaves_the_fingerprint() -> None:
    before, after = run(finding(line=3)), run(finding(line=30))
    assert before["results"][0]["partialFingerprints"] == after["results"][0]["partialFingerprints"]


def test_ten_thousand() -> None:
    found = run(*many(10_000), valid=False)["results"]
    prints = {result["partialFingerprints"]["sepconvFinding/v1"] for result in found}
    assert len(prints) == len(found) == 10_000


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("./my nets/net 1.yaml", "my%20nets/net%201.yaml"),
        ("100%.yaml", "100%25.yaml"),
        ("a:b.yaml", "a%3Ab.yaml"),
        ("a?b#c.yaml", "a%3Fb%23c.yaml"),
        ("網路.yaml", "%E7%B6%B2%E8%B7%AF.yaml"),
        ("not\udcffutf8.yaml", "not%FFutf8.yaml"),
        ("../net.yaml", "../net.yaml"),
        ("/elsewhere/net.yaml", "file:///elsewhere/net.yaml"),
    ],
)
def test_a_path_is_a_relative_uri(file: str, uri: str) -> None:
    assert uri_of(run(finding(file=file))["results"][0]) == uri


@settings(deadline=None)
@given(st.text(min_size=1))
def test_files_come_back(name: str) -> None:
    file = f"nets/{name.replace('/', ':')}.yaml"
    uri = uri_of(run(finding(file=file), valid=False)["results"][0])
    assert unquote(urlsplit(urljoin("file:///", uri)).path) == f"/{file}"


@pytest.mark.parametrize("name", AWKWARD.values(), ids=AWKWARD)
def test_awkward_names_come_back(name: str) -> None:
    check_comes_back(name)


@settings(deadline=None)
@given(NAMES)
def test_names_come_back(name: str) -> None:
    check_comes_back(name)


def check_comes_back(name: str) -> None:
    (result,) = run(named(name))["results"]
    assert result["ruleId"] == plain(name)
    assert result["message"]["text"].startswith(f"{plain(name)}: {plain(name)}")
