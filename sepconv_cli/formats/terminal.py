"""Tables for people: on a screen drawn by Rich, on a pipe plain and whole.

On a pipe nothing is cut or coloured, and Rich, which takes longer to import than the
program to run, isn't needed.
"""

from sepconv_cli.formats import Screen
from sepconv_cli.show.table import Report, Table

_GAP = "  "


def render(report: Report, screen: Screen) -> str:
    """The report's tables, one after the other, and the verdict, just above the next prompt."""
    if screen.width is not None:
        from sepconv_cli.formats._rich import rich_table

        return rich_table(report, screen.width, screen.color)
    verdict = [f"{report.headline}\n"] if report.headline else []
    return "\n".join([*(_plain(table) for table in report.tables), *verdict])


def _plain(table: Table) -> str:
    """A table as lines of text, its columns aligned."""
    lines = [[column.title for column in table.columns]]
    spaced = any(len(group) > 1 for group in table.groups)
    for number, group in enumerate(table.groups):
        if number and spaced:
            lines.append([""] * len(table.columns))
        lines.extend([cell.text for cell in row] for row in group)
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    notes = [line for note in table.notes for line in ("", note)]
    text = [
        table.title,
        table.subtitle,
        "",
        *(_line(line, table, widths) for line in lines),
        *notes,
    ]
    return "\n".join(text) + "\n"


def _line(texts: list[str], table: Table, widths: list[int]) -> str:
    aligned = [
        text.rjust(width) if column.align == "right" else text.ljust(width)
        for text, column, width in zip(texts, table.columns, widths, strict=True)
    ]
    return _GAP.join(aligned).rstrip()
