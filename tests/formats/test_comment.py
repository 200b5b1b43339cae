"""Markdown with a verdict: a pull-request comment, read back by a CommonMark parser with tables."""

import html
import re

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from sepconv_cli.formats._page import MARKER, page
from sepconv_cli.show.table import Report, Table
from tests.formats.reports import AWKWARD, NAMES, growth, plain, render, table

LIMIT = 65_536
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def comment(*tables: Table, headline: str = "1 of 2 budgets is exceeded") -> str:
    out = render("markdown", Report({}, [], tables, headline, []))
    assert len(out.encode()) <= LIMIT
    assert out.endswith("\n")
    assert not out.endswith("\n\n")
    return out


def texts(out: str) -> list[str]:
    """What a reader sees of each paragraph and each cell; no markup but bold and line breaks."""
    return [_shown(token) for token in PARSER.parse(out) if token.type == "inline"]


def _shown(token: Token) -> str:
    kinds = {"text", "text_special", "strong_open", "strong_close", "hardbreak", "softbreak"}
    assert token.children is not None
    assert {child.type for child in token.children} <= kinds
    return "".join(child.content for child in token.children)


def blocks(out: str) -> list[str]:
    """The HTML of the page."""
    return [token.content for token in PARSER.parse(out) if token.type == "html_block"]


def test_the_whole_text() -> None:
    assert comment(table(rows=1), table("layers", rows=1, folded=True)) == (
        "<!-- sepconv -->\n"
        "**1 of 2 budgets is exceeded**\n"
        "\n"
        "**verdicts**  \n"
        "convention macs\n"
        "\n"
        "| budget | MACs |\n"
        "| :--- | ---: |\n"
        "| phone | 0 |\n"
        "\n"
        "<details><summary>layers</summary>\n"
        "\n"
        "convention macs\n"
        "\n"
        "| budget | MACs |\n"
        "| :--- | ---: |\n"
        "| phone | 0 |\n"
        "\n"
        "</details>\n"
    )


def test_the_parser_reads_it_so() -> None:
    out = comment(table(rows=1), table("layers", rows=1, folded=True))
    assert blocks(out) == [
        f"{MARKER}\n",
        "<details><summary>layers</summary>\n",
        "</details>\n",
    ]
    assert texts(out) == [
        "1 of 2 budgets is exceeded",
        "verdictsconvention macs", "budget", "MACs", "phone", "0",
        "convention macs", "budget", "MACs", "phone", "0",
    ]  # fmt: skip


def test_without_a_verdict_nothing_folds_and_nothing_is_hidden() -> None:
    out = render("markdown", Report({}, [], [table(rows=1), table("b", rows=1, folded=True)]))
    assert out == (
        "**verdicts**  \nconvention macs\n\n| budget | MACs |\n| :--- | ---: |\n| phone | 0 |\n"
        "\n"
        "**b**  \nconvention macs\n\n| budget | MACs |\n| :--- | ---: |\n| phone | 0 |\n"
    )


def test_nothing_to_show_is_said_in_one_line() -> None:
    assert comment(headline="nothing changed") == f"{MARKER}\n**nothing changed**\n"


@pytest.mark.parametrize("name", AWKWARD.values(), ids=AWKWARD)
def test_awkward_names_come_back(name: str) -> None:
    check_comes_back(name)


@settings(deadline=None)
@given(NAMES.filter(lambda name: "\r\n" not in name))
def test_names_come_back(name: str) -> None:
    check_comes_back(name)


def check_comes_back(name: str) -> None:
    """As a cell, a title and a folded title, a name is text and nothing else."""
    out = comment(table(name, 1, text=name), table(name, 1, folded=True, text=name))
    text = plain(name).replace("\n", " ")
    found = texts(out)
    assert [found[4], found[9]] == [text.strip()] * 2
    summary = re.search("<summary>(.*)</summary>", blocks(out)[1])
    assert summary
    assert html.unescape(summary[1]) == text
    assert len(blocks(out)) == 3


@pytest.mark.parametrize("name", AWKWARD.values(), ids=AWKWARD)
def test_an_awkward_verdict(name: str) -> None:
    out = comment(headline=f"1 budget of {name} is exceeded")
    assert texts(out) == [plain(f"1 budget of {name} is exceeded").replace("\n", " ")]


# Too long


def test_folded_tables_are_left_out_whole_from_the_end() -> None:
    layers = [table(f"layers {number}", 1_000, folded=True) for number in range(10)]
    out = comment(table(), *layers)
    kept = [f"layers {number}" for number in range(10) if f">layers {number}<" in out]
    assert kept == [f"layers {number}" for number in range(len(kept))]
    assert 1 < len(kept) < 10
    assert out.endswith(f"\nleft out for length: {10 - len(kept)} tables\n")
    assert blocks(out).count("</details>\n") == len(kept)
    assert out.count("| phone |") == 2 + 1_000 * len(kept)


def test_a_small_table_after_one_that_is_too_long_is_left_out_too() -> None:
    out = comment(table(), table("big", 10_000, folded=True), table("small", 1, folded=True))
    assert out.endswith("\nleft out for length: 2 tables\n")
    assert "big" not in out


def test_a_verdict_table_that_is_too_long_is_cut_by_whole_rows() -> None:
    out = comment(table(rows=10_000))
    rows = out.count("| phone |")
    assert f"\nleft out for length: {10_000 - rows:,} rows\n" in out
    assert len(out.encode()) > LIMIT - 200
    assert texts(out)[-3:-1] == ["phone", f"{rows - 1:,}"]


def test_what_follows_a_cut_table_is_left_out() -> None:
    out = comment(table(rows=10_000), table("layers", 3, folded=True))
    assert out.endswith("\nleft out for length: 1 table\n")


@pytest.mark.parametrize("text", ["&", "~", "網", "|", "\x00"])
def test_the_limit_holds_for_what_is_written_longer_than_it_is(text: str) -> None:
    comment(table(rows=3_000, text=text * 10))
    comment(table(), *[table("a", 300, folded=True, text=text * 10)] * 30)


@pytest.mark.parametrize("most", range(0, 700, 7))
def test_every_limit_holds(most: int) -> None:
    tables = [table(rows=9), table("a", 2, folded=True), table("b", 2, folded=True)]
    assert len(page(Report({}, [], tables, "verdict", []), most).encode()) <= most


@pytest.mark.parametrize("most", [10**4, 10**9], ids=["cut", "whole"])
def test_time_is_linear(most: int) -> None:
    def call(count: int) -> None:
        folded = [table(rows=1, folded=True)] * count
        page(Report({}, [], [table(rows=count)], "verdict", []), most)
        page(Report({}, [], folded, "verdict", []), most)

    assert growth(call) < 8
