"""JUnit XML, which every CI server reads (github.com/jenkinsci/xunit-plugin, junit-10.xsd).

A suite for each file, a class for each rule, a test for each network, variant and setting that it
was held to. What is over a budget that only warns passes, with its message as output.
"""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from sepconv_cli.formats import Screen
from sepconv_cli.formats._findings import clean, findings, path, text
from sepconv_cli.show.table import Finding, Report

_HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n'


def render(report: Report, screen: Screen) -> str:
    """A test for each finding, those that passed or were skipped among them."""
    found = findings(report, "junit")
    suites: dict[str, list[Finding]] = {}
    for finding in found:
        suites.setdefault(_suite_name(finding), []).append(finding)
    root = Element("testsuites", {"name": "sepconv", **_counts(found)})
    for name, group in suites.items():
        _add_suite(root, name, group)
    indent(root)
    return _HEADER + tostring(root, encoding="unicode") + "\n"


def _suite_name(finding: Finding) -> str:
    return clean(path(finding.file)) if finding.file is not None else finding.subject


def _counts(group: list[Finding]) -> dict[str, str]:
    failures = sum(finding.status == "failed" for finding in group)
    return {"tests": str(len(group)), "failures": str(failures), "errors": "0"}


def _add_suite(root: Element, name: str, group: list[Finding]) -> None:
    skipped = sum(finding.status == "skipped" for finding in group)
    counts = {**_counts(group), "skipped": str(skipped)}
    suite = SubElement(root, "testsuite", {"name": name, **counts})
    if group[0].file is not None:
        suite.set("file", name)
    for finding in group:
        _add_case(suite, finding)


def _add_case(suite: Element, finding: Finding) -> None:
    case = SubElement(suite, "testcase", classname=finding.rule, name=finding.subject)
    if finding.status == "failed":
        failure = SubElement(case, "failure", type=finding.rule, message=finding.message)
        failure.text = _placed(finding)
    elif finding.status == "skipped":
        SubElement(case, "skipped", message=finding.message)
    elif finding.status in ("warned", "noted"):
        SubElement(case, "system-out").text = _placed(finding)


def _placed(finding: Finding) -> str:
    """`net.yaml:3:5: message`, as a compiler would say it, then the details."""
    if finding.file is None:
        return text(finding)
    return f"{clean(path(finding.file))}:{finding.line}:{finding.column}: {text(finding)}"
