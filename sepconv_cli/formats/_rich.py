"""Tables on a screen: drawn by Rich, with bars and colours, fitted to its width.

No number is ever shortened. Where a screen is too narrow, whole columns are left out
and named below the table.
"""

from collections.abc import Sequence
from io import StringIO
from typing import Any

import msgspec
from rich.bar import Bar
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from sepconv_cli.show.table import Cell, Column, Report, Table

_GAP = 2
_BAR = 8
_STYLES = {"plain": "", "quiet": "dim", "loud": "bold red"}
# The least that a sentence is given, and a name that goes over several lines.
_WRAPPED = 20
_FOLDED = 10
_BARS_RANK = 2


class _Layout(msgspec.Struct, frozen=True):
    """The columns that are shown, the titles of those that aren't, and whether bars are."""

    kept: list[int]
    dropped: list[str]
    bars: bool
    tight: bool = False


def rich_table(report: Report, width: int, color: bool) -> str:
    """The report's tables, one after the other, and the verdict."""
    text = StringIO()
    console = Console(
        file=text,
        width=width,
        force_terminal=color,
        color_system="auto" if color else None,
        no_color=not color,
        highlight=False,
        emoji=False,
    )
    console.print(renderable(report, width), end="")
    return "".join(line.rstrip() + "\n" for line in text.getvalue().splitlines())


def renderable(report: Report, width: int) -> Group:
    """The report as Rich draws it, for a live display or for `draw`."""
    parts: list[RenderableType] = []
    for index, table in enumerate(report.tables):
        parts.extend([Text("")] if index else [])
        parts.extend(_table(table, width))
    if report.headline:
        parts.extend([Text("")] if parts else [])
        parts.append(Text(report.headline, style="bold"))
    return Group(*parts)


def _table(table: Table, width: int) -> list[RenderableType]:
    layout = _layout(table, width)
    grid = RichTable(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    for index in layout.kept:
        column = table.columns[index]
        # Numbers stand as they are; names go over several lines where nothing else helps.
        folds = column.wrap or (layout.tight and column.align == "left")
        least = _FOLDED if folds else _width(table, index, False) - _GAP
        grid.add_column(
            column.title,
            justify=column.align,
            no_wrap=not folds,
            min_width=min(least, _width(table, index, False) - _GAP),
            overflow="fold" if folds else "ellipsis",
        )
        if layout.bars and column.bar:
            grid.add_column("", width=_BAR, no_wrap=True)
    spaced = any(len(group) > 1 for group in table.groups)
    for number, group in enumerate(table.groups):
        if number and spaced:
            grid.add_row()
        for row in group:
            grid.add_row(*_cells(row, layout, table.columns))
    notes = [*table.notes]
    if layout.dropped:
        notes.append(f"left out on this narrow screen: {', '.join(layout.dropped)}")
    return [
        Text(table.title, style="bold"),
        Text(table.subtitle, style="dim"),
        Text(""),
        grid,
        *(Padding(Text(note, style="dim"), (1, 0, 0, 0)) for note in notes),
    ]


def _cells(row: tuple[Cell, ...], layout: _Layout, columns: tuple[Column, ...]) -> list[Any]:
    cells: list[RenderableType] = []
    for index in layout.kept:
        cell = row[index]
        cells.append(Text(cell.text, style=_STYLES[cell.tone]))
        if layout.bars and columns[index].bar:
            cells.append(Text("") if cell.bar is None else Bar(1, 0, cell.bar, color="cyan"))
    return cells


def _layout(table: Table, width: int) -> _Layout:
    """What fits a width: columns go by rank, and the bars before the columns of rank 2."""
    kept = list(range(len(table.columns)))
    dropped: list[str] = []
    bars = True
    while sum(_width(table, index, bars) for index in kept) > width + _GAP:
        rank = max(table.columns[index].rank for index in kept)
        if bars and rank <= _BARS_RANK:
            bars = False
            continue
        if rank == 0 and (len(kept) == 1 or _folded(table, kept) <= width + _GAP):
            return _Layout(kept, dropped, bars, tight=True)
        gone = [index for index in kept if table.columns[index].rank == rank]
        # Of columns that are all needed the last goes, but not the one that names the rows.
        gone = gone if rank else gone[-1:]
        kept = [index for index in kept if index not in gone]
        dropped = [*dict.fromkeys(table.columns[index].title for index in gone), *dropped]
    return _Layout(kept, dropped, bars)


def _folded(table: Table, kept: Sequence[int]) -> int:
    """The width where names go over several lines, and numbers stand as they are."""
    widths = [_width(table, index, False) for index in kept]
    return sum(
        min(width, _FOLDED + _GAP) if table.columns[index].align == "left" else width
        for index, width in zip(kept, widths, strict=True)
    )


def _width(table: Table, index: int, bars: bool) -> int:
    column = table.columns[index]
    if column.wrap:
        return _WRAPPED + _GAP
    texts = [len(row[index].text) for group in table.groups for row in group]
    bar = _BAR + _GAP if bars and column.bar else 0
    return max([len(column.title), *texts]) + _GAP + bar
