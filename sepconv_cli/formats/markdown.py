"""GitHub-flavoured Markdown; a verdict as a comment for a pull request.

A comment begins with a hidden line, `<!-- sepconv -->`, by which a bot finds its own to update it
in place. GitHub refuses a comment over 65,536 characters; so long as no more bytes are used, none
is too long however they are counted.
"""

from sepconv_cli.formats import Screen
from sepconv_cli.formats._gfm import gfm_table
from sepconv_cli.formats._page import page
from sepconv_cli.show.table import Report

_COMMENT_BYTES = 65_536


def render(report: Report, screen: Screen) -> str:
    """The report's tables, one after the other; under a verdict, details fold."""
    if report.headline:
        return page(report, _COMMENT_BYTES)
    return "\n".join(gfm_table(table) for table in report.tables)
