"""Annotations, read back as GitHub's runner reads them; the summary of a step.

`Command.read` follows the grammar of the runner's ActionCommand, second version: a line that
begins with two colons, up to the next two colons a name and properties, then the data.
"""

from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepconv_cli.commands._output import write
from sepconv_cli.formats import github
from sepconv_cli.formats._page import MARKER
from sepconv_cli.show.table import Report
from tests.formats.reports import (
    AWKWARD,
    NAMES,
    finding,
    many,
    named,
    one_of_each,
    plain,
    render,
    report,
    table,
)


class Command(NamedTuple):
    """A workflow command."""

    name: str
    properties: dict[str, str]
    data: str

    @classmethod
    def read(cls, line: str) -> "Command | None":
        """The command in a line of output; None where there is none."""
        line = line.lstrip()
        if not line.startswith("::") or "::" not in line[2:]:
            return None
        head, data = line[2:].split("::", 1)
        name, _, written = head.partition(" ")
        pairs = [pair.split("=", 1) for pair in written.strip().split(",") if pair]
        properties = {key: unescape(value, ":,") for key, value in pairs}
        return cls(name, properties, unescape(data, ""))


def unescape(text: str, more: str) -> str:
    for character in f"\r\n{more}%":
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def commands(given: Report) -> list[Command]:
    """The commands of the rendered report; its last line is none, in neither form."""
    *lines, last = render("github", given).removesuffix("\n").split("\n")
    assert Command.read(last) is None
    assert "##[" not in last
    found = [Command.read(line) for line in lines]
    assert None not in found
    return [command for command in found if command]


def test_an_annotation_stands_on_its_line_of_the_spec() -> None:
    given = report(finding(), headline="1 of 7 budgets is exceeded")
    assert render("github", given).splitlines() == [
        "::error file=nets/net.yaml,line=3,col=5,title=sepconv phone%3A MobileNetV1 standard"
        "::569,000,000 MACs are 269,000,000 over 300,000,000"
        "%0Aseparable_12: 52,000,000%0Aseparable_13: 51,000,000",
        "sepconv: 1 of 7 budgets is exceeded",
    ]


def test_what_passed_or_was_skipped_is_not_annotated() -> None:
    found = commands(report(*one_of_each()))
    assert [(command.name, command.properties.get("line")) for command in found] == [
        ("error", None), ("error", "1"), ("warning", "2"), ("notice", "3"),
    ]  # fmt: skip
    assert set(found[0].properties) == {"title"}


def test_ten_of_each_level_and_a_count_of_the_others() -> None:
    found = commands(report(*many(10_000)))
    assert [command.name for command in found] == [
        *["error"] * 10, *["warning"] * 10, *["notice"] * 10,
    ]  # fmt: skip
    assert [command.properties["line"] for command in found[:10]] == [str(n) for n in range(1, 11)]
    last = render("github", report(*many(10_000))).splitlines()[-1]
    assert last == (
        "sepconv: 1 of 2 budgets is exceeded; "
        "not annotated: 3,323 more errors, 3,323 more warnings, 3,324 more notices"
    )


def test_one_more_is_one() -> None:
    last = render("github", report(*[finding()] * 11)).splitlines()[-1]
    assert last.endswith("; not annotated: 1 more error")


def test_nothing_found_is_the_verdict_alone() -> None:
    assert render("github", report(headline="all well")) == "sepconv: all well\n"


@pytest.mark.parametrize("name", AWKWARD.values(), ids=AWKWARD)
def test_awkward_names_come_back(name: str) -> None:
    check_comes_back(name)


@settings(deadline=None)
@given(NAMES)
def test_names_come_back(name: str) -> None:
    check_comes_back(name)


def check_comes_back(name: str) -> None:
    (command,) = commands(report(named(name), headline=name))
    text = plain(name)
    assert command.name == "error"
    # The runner strips the properties as they are written; the title is the last of them.
    title = f"sepconv {text}: {text}".replace("\n", "%0A").rstrip().replace("%0A", "\n")
    assert command.properties["title"] == title
    assert command.data == f"{text}\n{text.strip(chr(10))}".removesuffix("\n")


@settings(deadline=None)
@given(st.text("a,:%=/ é\n", min_size=1))
def test_files_come_back(name: str) -> None:
    (command,) = commands(report(finding(file=f"nets/{name}.yaml")))
    assert Path(command.properties["file"]) == Path(f"nets/{name}.yaml")


# The summary of the step


def test_the_summary_is_the_markdown_of_the_report() -> None:
    assert github.summary(report()) == render("markdown", report())


def test_the_summary_ends_before_the_limit_of_a_step() -> None:
    big = Report({}, [], [table(rows=100_000)], "headline", [])
    for taken in (0, 1_000_000):
        size = len(github.summary(big, taken).encode())
        assert 1024 * 1024 - taken - 200 < size <= 1024 * 1024 - taken
    assert github.summary(big, 1024 * 1024 - 10) == ""


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    return file


def test_the_summary_is_added_to_the_page_of_the_job(page: Path) -> None:
    page.write_text("before")
    for _ in range(2):
        write(report(), "github", None)
    first, *summaries = page.read_text().split(MARKER)
    assert first == "before\n"
    assert [MARKER + text for text in summaries] == [
        github.summary(report()) + "\n",
        github.summary(report()),
    ]


@pytest.mark.parametrize("name", ["terminal", "markdown", "json"])
def test_other_formats_leave_the_page_alone(page: Path, name: str) -> None:
    write(report(), name, None)
    assert not page.exists()


def test_without_a_page_there_is_no_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "")
    write(report(), "github", None)


def test_a_page_that_cannot_be_written_is_a_hint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    write(report(headline="all well"), "github", None)
    assert capsys.readouterr() == (
        "sepconv: all well\n",
        f"hint: {tmp_path}: the summary can't be written: Is a directory\n",
    )
