"""A table in GitHub-flavoured Markdown (github.github.com/gfm)."""

from collections.abc import Sequence

from sepconv_cli.show.table import Cell, Table


def gfm_table(table: Table) -> str:
    """The table under its title and subtitle, with its notes below."""
    return f"**{escape(table.title)}**  \n{body(table)}"


def body(table: Table) -> str:
    """The same without the title."""
    rules = ["---:" if column.align == "right" else ":---" for column in table.columns]
    lines = [
        _line([column.title for column in table.columns]),
        _line(rules),
        *(row_line(row) for group in table.groups for row in group),
    ]
    notes = "".join(f"\n{escape(note)}\n" for note in table.notes)
    return f"{escape(table.subtitle)}\n\n" + "\n".join(lines) + f"\n{notes}"


def row_line(row: Sequence[Cell]) -> str:
    """A row of a table."""
    return _line([cell.text for cell in row])


def escape(text: str) -> str:
    """Text that Markdown leaves as it is."""
    for character in "\\|*_<`[":
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", " ")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(escape(cell) for cell in cells) + " |"
