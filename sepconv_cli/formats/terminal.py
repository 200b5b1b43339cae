"""Tables for people: on a screen coloured and cut to its width, on a pipe plain and whole.

No number is ever shortened. Where a screen is too narrow, whole columns are left out
and named below the table.
"""

from io import StringIO

from rich.bar import Bar
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from sepconv_cli.formats import Screen
from sepconv_cli.table import Cell, Column, Report, Table

_GAP = 2
_BAR = 8
_STYLES = {"plain": "", "quiet": "dim", "loud": "bold red"}
_ENDLESS = 1_000_000


def render(report: Report, screen: Screen) -> str:
    """The report's tables, one after the other."""
    text = StringIO()
    console = Console(
        file=text,
        width=screen.width or _ENDLESS,
        force_terminal=screen.color,
        color_system="auto" if screen.color else None,
        no_color=not screen.color,
        highlight=False,
        emoji=False,
    )
    console.print(renderable(report, screen), end="")
    return "".join(line.rstrip() + "\n" for line in text.getvalue().splitlines())


def renderable(report: Report, screen: Screen) -> Group:
    """The tables as Rich draws them, for a live display or for `render`."""
    parts: list[RenderableType] = []
    for index, table in enumerate(report.tables):
        parts.extend([Text("")] if index else [])
        parts.extend(_table(table, screen))
    return Group(*parts)


def _table(table: Table, screen: Screen) -> list[RenderableType]:
    bars = screen.width is not None
    kept, dropped = _fitting(table, screen.width)
    grid = RichTable(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    for index in kept:
        column = table.columns[index]
        grid.add_column(column.title, justify=column.align, no_wrap=True)
        if bars and column.bar:
            grid.add_column("", width=_BAR, no_wrap=True)
    for number, group in enumerate(table.groups):
        if number and len(group) > 1:
            grid.add_row()
        for row in group:
            grid.add_row(*_cells(row, kept, table.columns, bars))
    notes = [*table.notes]
    if dropped:
        names = ", ".join(dict.fromkeys(table.columns[index].title for index in dropped))
        notes.append(f"left out on this narrow screen: {names}")
    return [
        Text(table.title, style="bold"),
        Text(table.subtitle, style="dim"),
        Text(""),
        grid,
        *(Padding(Text(note, style="dim"), (1, 0, 0, 0)) for note in notes),
    ]


def _cells(
    row: tuple[Cell, ...], kept: list[int], columns: tuple[Column, ...], bars: bool
) -> list[RenderableType]:
    cells: list[RenderableType] = []
    for index in kept:
        cell = row[index]
        cells.append(Text(cell.text, style=_STYLES[cell.tone]))
        if bars and columns[index].bar:
            cells.append(Text("") if cell.bar is None else Bar(1, 0, cell.bar, color="cyan"))
    return cells


def _fitting(table: Table, width: int | None) -> tuple[list[int], list[int]]:
    """The columns that fit a width, and those that have to go, the highest rank first."""
    kept = list(range(len(table.columns)))
    if width is None:
        return kept, []
    widths = [_width(table, index) for index in kept]
    dropped: list[int] = []
    while sum(widths[index] for index in kept) > width + _GAP:
        last = max(kept, key=lambda index: (table.columns[index].rank, index))
        if table.columns[last].rank == 0:
            break
        kept.remove(last)
        dropped.insert(0, last)
    return kept, dropped


def _width(table: Table, index: int) -> int:
    texts = [len(row[index].text) for group in table.groups for row in group]
    column = table.columns[index]
    bar = _BAR + _GAP if column.bar else 0
    return max([len(column.title), *texts]) + _GAP + bar
