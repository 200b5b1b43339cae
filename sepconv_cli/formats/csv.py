"""Comma-separated values with a header (RFC 4180), empty for what wasn't counted."""

import csv
from io import StringIO

from sepconv_cli.formats import Screen
from sepconv_cli.show.table import Report


def render(report: Report, screen: Screen) -> str:
    """A line for each of the report's records."""
    if not report.records:
        return ""
    text = StringIO()
    writer = csv.DictWriter(text, list(report.records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(report.records)
    return text.getvalue()
