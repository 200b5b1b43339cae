"""One JSON document, with exact integers; null for what wasn't counted."""

import msgspec

from sepconv_cli.formats import Screen
from sepconv_cli.show.table import Report


def render(report: Report, screen: Screen) -> str:
    """The report's document, indented by two."""
    return msgspec.json.format(msgspec.json.encode(report.data), indent=2).decode() + "\n"
