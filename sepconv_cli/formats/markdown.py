"""GitHub-flavoured Markdown tables, each under its title."""

from sepconv_cli.formats import Screen
from sepconv_cli.table import Report, Table


def render(report: Report, screen: Screen) -> str:
    """The report's tables, one after the other."""
    return "\n".join(_table(table) for table in report.tables)


def _table(table: Table) -> str:
    rules = ["---:" if column.align == "right" else ":---" for column in table.columns]
    lines = [
        _line([column.title for column in table.columns]),
        _line(rules),
        *(_line([cell.text for cell in row]) for group in table.groups for row in group),
    ]
    notes = "".join(f"\n{_escape(note)}\n" for note in table.notes)
    head = f"**{_escape(table.title)}**  \n{_escape(table.subtitle)}"
    return f"{head}\n\n" + "\n".join(lines) + f"\n{notes}"


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(_escape(cell) for cell in cells) + " |"


def _escape(text: str) -> str:
    """Text that Markdown leaves as it is."""
    for character in "\\|*_<`[":
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", " ")
