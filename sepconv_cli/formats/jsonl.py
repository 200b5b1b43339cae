"""JSON Lines: an object on a line for each record (jsonlines.org)."""

import msgspec

from sepconv_cli.formats import Screen
from sepconv_cli.show.table import Report


def render(report: Report, screen: Screen) -> str:
    """A line for each of the report's records."""
    return "".join(msgspec.json.encode(record).decode() + "\n" for record in report.records)
