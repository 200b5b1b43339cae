"""JUnit XML, held to Jenkins' schema and read back by junitparser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import xmlschema
from hypothesis import given, settings
from junitparser import Failure, JUnitXml, Skipped, TestCase

from sepconv_cli.show.table import Finding
from tests.formats.reports import (
    AWKWARD,
    NAMES,
    STATUSES,
    finding,
    many,
    named,
    one_of_each,
    plain,
    render,
    report,
)

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schemas" / "junit-10.xsd")


def suites(*findings: Finding) -> JUnitXml:
    """The rendered report, which is valid."""
    out = render("junit", report(*findings))
    SCHEMA.validate(out)
    return JUnitXml.fromstring(out.encode())


def cases(*findings: Finding) -> Iterator[TestCase]:
    for suite in suites(*findings):
        yield from suite


def test_the_whole_text() -> None:
    found = (finding(), finding("passed", rule="size"))
    assert render("junit", report(*found)) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="sepconv" tests="2" failures="1" errors="0">\n'
        '  <testsuite name="nets/net.yaml" tests="2" failures="1" errors="0" skipped="0"'
        ' file="nets/net.yaml">\n'
        '    <testcase classname="phone" name="MobileNetV1 standard">\n'
        '      <failure type="phone" message="569,000,000 MACs are 269,000,000 over 300,000,000">'
        "nets/net.yaml:3:5: 569,000,000 MACs are 269,000,000 over 300,000,000\n"
        "separable_12: 52,000,000\nseparable_13: 51,000,000</failure>\n"
        "    </testcase>\n"
        '    <testcase classname="size" name="MobileNetV1 standard" />\n'
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_the_schema_refuses_a_suite_without_counts() -> None:
    assert not SCHEMA.is_valid('<testsuites><testsuite name="a" /></testsuites>')


def test_nothing_found_is_a_report_without_suites() -> None:
    assert suites().tests == 0


def test_each_status_is_what_a_server_shows_for_it() -> None:
    found = {case.name: case for case in cases(*(finding(s, subject=s) for s in STATUSES))}
    kinds = {name: [type(result) for result in case.result] for name, case in found.items()}
    assert kinds == {
        "failed": [Failure], "warned": [], "noted": [], "skipped": [Skipped], "passed": [],
    }  # fmt: skip
    assert "over 300,000,000" in (found["warned"].system_out or "")
    assert "over 300,000,000" in found["skipped"].result[0].message
    assert found["passed"].system_out is None


def test_a_suite_for_each_file_or_network_with_its_counts() -> None:
    found = suites(*one_of_each())
    assert [(suite.name, suite.tests, suite.failures, suite.skipped) for suite in found] == [
        ("MobileNetV1 standard", 1, 1, 0),
        ("nets/net.yaml", 5, 1, 1),
    ]
    assert (found.tests, found.failures, found.errors) == (6, 2, 0)


def test_ten_thousand() -> None:
    assert suites(*many(10_000)).tests == 10_000


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("name", AWKWARD.values(), ids=AWKWARD)
def test_awkward_names_come_back(name: str, status: str) -> None:
    check_comes_back(named(name, status), name)  # type: ignore[arg-type]


@settings(deadline=None)
@given(NAMES)
def test_names_come_back(name: str) -> None:
    check_comes_back(named(name), name)


def check_comes_back(given: Finding, name: str) -> None:
    (case,) = cases(given)
    assert (case.classname, case.name) == (plain(name), plain(name))
    for result in case.result:
        assert result.message == plain(name)


@settings(deadline=None)
@given(NAMES)
def test_files_come_back(name: str) -> None:
    (suite,) = suites(finding(file=f"nets/n{name.replace('/', ':')}"))
    assert suite.name == plain(f"nets/n{name.replace('/', ':')}")
