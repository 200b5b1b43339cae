"""A verdict in Markdown on a page with a limit: a pull-request comment, the summary of a job.

The verdict comes first, then the tables; details fold. What is too much is left out from the end:
folded tables whole, others by rows, and the page says so.
"""

from bisect import bisect_right
from html import escape as escape_html
from itertools import accumulate

import msgspec

from sepconv_cli.errors import plural
from sepconv_cli.formats._findings import clean
from sepconv_cli.formats._gfm import body, escape, gfm_table, row_line
from sepconv_cli.show.table import Report, Table

MARKER = "<!-- sepconv -->"
_LEFT_OUT = "left out for length: "
_FOOTER_BYTES = 60


def page(report: Report, most: int) -> str:
    """The report as Markdown of at most so many bytes. Empty where not even the verdict fits."""
    head = f"{MARKER}\n" + _github(f"**{escape(report.headline.strip())}**\n")
    parts = [head]
    room = most - _size(head) - _FOOTER_BYTES
    if room < 0:
        return ""
    for table in report.tables:
        part = "\n" + (_folded(table) if table.folded else _cut(table, room))
        if _size(part) > room:
            break
        parts.append(part)
        room -= _size(part)
    missing = len(report.tables) - len(parts) + 1
    return "".join(parts) + (f"\n{_LEFT_OUT}{plural(missing, 'table')}\n" if missing else "")


def _folded(table: Table) -> str:
    """The table behind its title, which is HTML and not Markdown."""
    title = escape_html(clean(table.title), quote=False).replace("\n", " ")
    return f"<details><summary>{title}</summary>\n\n{_github(body(table))}\n</details>\n"


def _cut(table: Table, room: int) -> str:
    """The table, with no more of its rows than there is room for."""
    whole = _github(gfm_table(table))
    if _size(whole) < room:
        return whole
    rows = [row for group in table.groups for row in group]
    room -= _size(_github(gfm_table(_first(table, 0)))) + 1
    sizes = accumulate(_size(_github(row_line(row))) + 1 for row in rows)
    return _github(gfm_table(_first(table, bisect_right(list(sizes), room))))


def _first(table: Table, count: int) -> Table:
    """The table with its first rows alone, and a note that says so."""
    rows = tuple(row for group in table.groups for row in group)
    note = _LEFT_OUT + plural(len(rows) - count, "row")
    return msgspec.structs.replace(table, groups=(rows[:count],), notes=(note, *table.notes))


def _github(text: str) -> str:
    """Markdown without what GitHub would still read into its text: entities and strike-outs."""
    return clean(text).replace("&", "&amp;").replace("~", "\\~")


def _size(text: str) -> int:
    return len(text.encode(errors="replace"))
