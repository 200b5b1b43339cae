"""reviewdog's DiagnosticResult in JSON (github.com/reviewdog/reviewdog, proto/rdf).

For `reviewdog -f=rdjson`, which comments on the lines that a change touches. A column there counts
bytes: the same as characters where nothing but ASCII stands before it, as it does before a key.
"""

from typing import Any

import msgspec

from sepconv_cli.formats import Screen
from sepconv_cli.formats._findings import path_or_stand_in, problems, text
from sepconv_cli.show.table import Finding, Report

_SEVERITIES = {"failed": "ERROR", "warned": "WARNING", "noted": "INFO"}


def render(report: Report, screen: Screen) -> str:
    """A diagnostic for each finding that isn't fine."""
    diagnostics = [_diagnostic(finding) for finding in problems(report, "rdjson")]
    result = {"source": {"name": "sepconv"}, "diagnostics": diagnostics}
    return msgspec.json.format(msgspec.json.encode(result), indent=2).decode() + "\n"


def _diagnostic(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {"path": path_or_stand_in(finding)}
    if finding.file is not None:
        location["range"] = {"start": {"line": finding.line, "column": finding.column}}
    return {
        "message": f"{finding.subject}: {text(finding)}",
        "location": location,
        "severity": _SEVERITIES[finding.status],
        "code": {"value": finding.rule},
    }
