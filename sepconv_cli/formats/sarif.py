"""SARIF 2.1.0, for code scanning (docs.oasis-open.org/sarif/sarif/v2.1.0).

Held to what GitHub's code scanning makes of it, beyond the standard: it makes an alert of every
result whatever its `kind`, so what passed or was skipped is left out; and it refuses the whole file
where one result has no place, so a finding without a file gets a name in place of one. The
fingerprint has a key of its own: the upload action computes `primaryLocationLineHash` itself, and
warns about any other value.
"""

import os
from typing import Any
from urllib.parse import quote

import msgspec

from sepconv_cli.formats import Screen
from sepconv_cli.formats._findings import NO_FILE, fingerprints, path, problems, text
from sepconv_cli.show.table import Finding, Report
from sepconv_cli.version import __version__

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"failed": "error", "warned": "warning", "noted": "note"}


def render(report: Report, screen: Screen) -> str:
    """One run: a rule for each kind of finding, a result for each finding that isn't fine."""
    found = problems(report, "sarif")
    rules = {rule: index for index, rule in enumerate(dict.fromkeys(f.rule for f in found))}
    pairs = zip(found, fingerprints(found), strict=True)
    run = {
        "tool": {"driver": _driver(list(rules))},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules, fingerprint) for finding, fingerprint in pairs],
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _driver(rules: list[str]) -> dict[str, Any]:
    return {
        "name": "sepconv",
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in rules],
    }


def _rule(rule: str) -> dict[str, Any]:
    """A rule with the three texts that code scanning asks for."""
    about = {"text": f"{rule}: what a network may cost, or how its cost changed"}
    return {"id": rule, "shortDescription": {"text": rule}, "fullDescription": about, "help": about}


def _result(finding: Finding, rules: dict[str, int], fingerprint: str) -> dict[str, Any]:
    return {
        "ruleId": finding.rule,
        "ruleIndex": rules[finding.rule],
        "level": _LEVELS[finding.status],
        "message": {"text": f"{finding.subject}: {text(finding)}"},
        "locations": [_location(finding)],
        "partialFingerprints": {"sepconvFinding/v1": fingerprint},
    }


def _location(finding: Finding) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(finding.file)}
    if finding.file is not None:
        physical["region"] = {"startLine": finding.line, "startColumn": finding.column}
    return {"physicalLocation": physical, "logicalLocations": [{"name": finding.subject}]}


def _artifact(file: str | None) -> dict[str, str]:
    if file is None:
        return {"uri": quote(NO_FILE)}
    place = path(file)
    uri = quote(os.fsencode(place))
    return {"uri": f"file://{uri}"} if place.startswith("/") else _relative(uri)


def _relative(uri: str) -> dict[str, str]:
    return {"uri": uri, "uriBaseId": "%SRCROOT%"}
