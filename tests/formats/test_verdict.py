"""The verdict on a terminal: the last line, just above the prompt."""

import pytest

from sepconv_cli.formats import Screen
from sepconv_cli.registry import get
from sepconv_cli.show.table import Report
from tests.formats.reports import table


def lines(given: Report, width: int | None = None, color: bool = False) -> list[str]:
    out: str = get("formats", "terminal").render(given, Screen(width, color))
    assert out.endswith("\n")
    assert not out.endswith("\n\n")
    return out.splitlines()


@pytest.mark.parametrize("width", [None, 80], ids=["pipe", "screen"])
def test_the_verdict_stands_last_and_folded_tables_are_whole(width: int | None) -> None:
    tables = [table(rows=1), table("layers", rows=1, folded=True)]
    assert lines(Report({}, [], tables, "1 of 2 budgets is exceeded", []), width) == [
        "verdicts", "convention macs", "",
        "budget  MACs",
        "phone      0", "",
        "layers", "convention macs", "",
        "budget  MACs",
        "phone      0", "",
        "1 of 2 budgets is exceeded",
    ]  # fmt: skip


@pytest.mark.parametrize("width", [None, 80], ids=["pipe", "screen"])
def test_a_verdict_alone_is_one_line(width: int | None) -> None:
    assert lines(Report({}, [], [], "nothing changed", []), width) == ["nothing changed"]


def test_the_verdict_is_bold_in_colour_only() -> None:
    given = Report({}, [], [], "nothing changed", [])
    assert lines(given, 80, color=True) == ["\x1b[1mnothing changed\x1b[0m"]
