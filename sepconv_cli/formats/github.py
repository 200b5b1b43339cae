"""Annotations of a GitHub workflow: ::error file=,line=,col=,title=::message (docs.github.com).

A workflow command is a line of a step's output:
https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands. The escapes are
those of @actions/core: percent, carriage return and newline everywhere, colon and comma in
properties. GitHub shows ten annotations of each level in a step, so ten are given, worst first;
the last line is the verdict and counts the others. The step's summary holds the tables.
"""

from collections import Counter

from sepconv_cli.errors import plural
from sepconv_cli.formats import Screen
from sepconv_cli.formats._findings import clean, path, problems, text
from sepconv_cli.formats._page import page
from sepconv_cli.show.table import Finding, Report

_LEVELS = {"failed": "error", "warned": "warning", "noted": "notice"}
_MOST = 10
_SUMMARY_BYTES = 1024 * 1024


def render(report: Report, screen: Screen) -> str:
    """An annotation for each finding that isn't fine, at most ten of a level, and the verdict."""
    count: Counter[str] = Counter()
    lines = []
    for finding in problems(report, "github"):
        level = _LEVELS[finding.status]
        count[level] += 1
        if count[level] <= _MOST:
            lines.append(_annotation(finding, level))
    return "\n".join([*lines, _last_line(report.headline, count)]) + "\n"


def summary(report: Report, taken: int = 0) -> str:
    """Markdown for the page of the job, where so many bytes are taken."""
    return page(report, _SUMMARY_BYTES - taken)


def _annotation(finding: Finding, level: str) -> str:
    properties = {"title": f"sepconv {finding.rule}: {finding.subject}"}
    if finding.file is not None:
        place = {"file": clean(path(finding.file)), "line": finding.line, "col": finding.column}
        properties = {**{key: str(value) for key, value in place.items()}, **properties}
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{level} {written}::{_data(text(finding))}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def _last_line(headline: str, count: Counter[str]) -> str:
    """The verdict, and how many annotations were left out; never a workflow command itself."""
    more = [
        plural(number - _MOST, f"more {level}") for level, number in count.items() if number > _MOST
    ]
    left_out = [f"not annotated: {', '.join(more)}"] if more else []
    line = "; ".join([clean(headline), *left_out]).replace("\n", " ")
    # The runner still reads the commands' older form, ##[name], anywhere in a line.
    return "sepconv: " + line.replace("##[", "# #[")
