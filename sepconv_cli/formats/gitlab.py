"""GitLab's Code Quality report, for merge requests (docs.gitlab.com/ci/testing/code_quality).

A list of objects with description, check_name, fingerprint, severity and location. GitLab tells a
merge request's new findings from old ones by the fingerprint, so no line is part of it.
"""

from typing import Any

import msgspec

from sepconv_cli.formats import Screen
from sepconv_cli.formats._findings import fingerprints, path_or_stand_in, problems, text
from sepconv_cli.show.table import Finding, Report

# Of info, minor, major, critical and blocker.
_SEVERITIES = {"failed": "major", "warned": "minor", "noted": "info"}


def render(report: Report, screen: Screen) -> str:
    """An object for each finding that isn't fine; an empty list says that all is well."""
    found = problems(report, "gitlab")
    pairs = zip(found, fingerprints(found), strict=True)
    entries = [_entry(finding, fingerprint) for finding, fingerprint in pairs]
    return msgspec.json.format(msgspec.json.encode(entries), indent=2).decode() + "\n"


def _entry(finding: Finding, fingerprint: str) -> dict[str, Any]:
    return {
        "description": f"{finding.subject}: {text(finding)}",
        "check_name": finding.rule,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.status],
        "location": {"path": path_or_stand_in(finding), "lines": {"begin": finding.line}},
    }
