"""What holds for every format that is made of findings."""

import os
from pathlib import Path

import pytest

from sepconv_cli.errors import UsageError
from sepconv_cli.formats._findings import clean, fingerprints, path
from sepconv_cli.show.table import Report
from tests.conftest import Sepconv
from tests.formats.reports import AWKWARD, finding, growth, many, named, plain, render, report

MADE_OF_FINDINGS = ("github", "gitlab", "junit", "rdjson", "sarif")
SPEC = Path(__file__).parents[2] / "configs" / "seeds" / "aidventure.yaml"


@pytest.mark.parametrize("name", MADE_OF_FINDINGS)
def test_a_command_that_checks_nothing_is_refused(sepconv: Sepconv, name: str) -> None:
    assert sepconv("compare", SPEC, "--engine", "analytic", "-f", name) == (
        2,
        "",
        f"error: format {name} shows what check and diff find\n"
        "  hint: for any command: csv, json, jsonl, markdown, terminal\n",
    )


@pytest.mark.parametrize("name", MADE_OF_FINDINGS)
def test_nothing_found_is_a_document_too(name: str) -> None:
    out = render(name, report(headline="no budget is exceeded"))
    assert out.endswith("\n")
    assert out.strip()


@pytest.mark.parametrize("name", MADE_OF_FINDINGS)
@pytest.mark.parametrize("text", AWKWARD.values(), ids=AWKWARD)
def test_the_output_is_plain_text(name: str, text: str) -> None:
    out = render(name, report(named(text), headline=text))
    assert out == plain(out)
    out.encode()


@pytest.mark.parametrize("name", MADE_OF_FINDINGS)
def test_time_is_linear(name: str) -> None:
    assert growth(lambda count: render(name, report(*many(count)))) < 8


def test_the_error_of_a_format_names_no_other() -> None:
    with pytest.raises(UsageError, match="format sarif"):
        render("sarif", Report({}, [], []))


@pytest.mark.parametrize("text", AWKWARD.values(), ids=AWKWARD)
def test_clean_leaves_text_as_it_is(text: str) -> None:
    assert clean(text) == plain(text)
    assert clean(clean(text)) == clean(text)


def test_clean_reads_the_line_ends_of_windows() -> None:
    assert clean("a\r\nb\rc") == "a\nb\ufffdc"


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("net.yaml", "net.yaml"),
        ("./net.yaml", "net.yaml"),
        ("./nets//a/../net.yaml", "nets/net.yaml"),
        ("../net.yaml", "../net.yaml"),
        ("nets/my net.yaml", "nets/my net.yaml"),
        (f"{Path.cwd()}{os.sep}nets{os.sep}net.yaml", "nets/net.yaml"),
        ("/elsewhere/net.yaml", "/elsewhere/net.yaml"),
    ],
)
def test_a_path_is_shown_from_the_working_folder_on(file: str, shown: str) -> None:
    assert path(file) == shown


def test_fingerprints_are_unique_and_survive_a_moved_line() -> None:
    found = [finding(fingerprint="a"), finding(fingerprint="a"), finding(fingerprint="0:a")]
    moved = [finding(fingerprint=f.fingerprint, line=99, column=7) for f in found]
    assert len(set(fingerprints(found))) == 3
    assert fingerprints(moved) == fingerprints(found)
