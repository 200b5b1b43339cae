"""Streams are cut where YAML cuts them, and nowhere else."""

import io
import tarfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import yaml

from sepconv_cli.batch.documents import Document, documents
from sepconv_cli.batch.stream import Stream
from sepconv_cli.language.source import MAX_BYTES


def read(name: str, raw: bytes) -> list[Document]:
    return list(documents(Stream(name, partial(io.BytesIO, raw), lambda: len(raw))))


def places(found: list[Document]) -> list[tuple[int, int, bytes]]:
    return [(document.number, document.line, document.raw) for document in found]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(b"a: 1\n", [(1, 1, b"a: 1\n")], id="one"),
        pytest.param(b"", [(1, 1, b"")], id="empty is one, for its error"),
        pytest.param(b"# c\n---\n# d\n", [(1, 1, b"# c\n---\n# d\n")], id="comments alone are one"),
        pytest.param(b"---\na: 1\n", [(1, 1, b"---\na: 1\n")], id="one with a mark"),
        pytest.param(b"a: 1\n---\nb: 2\n", [(1, 1, b"a: 1\n"), (2, 2, b"---\nb: 2\n")], id="two"),
        pytest.param(b"a: 1\n---\n", [(1, 1, b"a: 1\n")], id="a mark at the end"),
        pytest.param(
            b"a: 1\n---\n---\nb: 2\n", [(1, 1, b"a: 1\n"), (2, 3, b"---\nb: 2\n")], id="empty one"
        ),
        pytest.param(
            b"# head\n%YAML 1.1\n---\na: 1\n",
            [(1, 1, b"# head\n%YAML 1.1\n---\na: 1\n")],
            id="directive",
        ),
        pytest.param(
            b"a: 1\n...\n%YAML 1.1\n---\nb: 2\n",
            [(1, 1, b"a: 1\n...\n"), (2, 3, b"%YAML 1.1\n---\nb: 2\n")],
            id="end mark, then a directive",
        ),
        pytest.param(
            b"--- {a: 1}\n--- {b: 2}",
            [(1, 1, b"--- {a: 1}\n"), (2, 2, b"--- {b: 2}")],
            id="on the line of the mark",
        ),
        pytest.param(
            b"a: |\n  ---\n  ...\nb: ---x\n---y: 1\n",
            [(1, 1, b"a: |\n  ---\n  ...\nb: ---x\n---y: 1\n")],
            id="no marks",
        ),
        pytest.param(
            b"a: 1\r\n---\r\nb: 2\r\n",
            [(1, 1, b"a: 1\r\n"), (2, 2, b"---\r\nb: 2\r\n")],
            id="carriage returns",
        ),
    ],
)
def test_a_yaml_stream(raw: bytes, expected: list[tuple[int, int, bytes]]) -> None:
    found = read("net.yaml", raw)
    assert places(found) == expected
    # And PyYAML sees the same documents.
    values = [yaml.safe_load(document.raw) for document in found]
    assert [value for value in yaml.safe_load_all(raw) if value] == [v for v in values if v]


def test_a_spec_too_large_is_one_document_and_the_rest_is_read() -> None:
    """Of the large one no more is held than shows that it is too large."""
    large = b"a: 1\n" * (MAX_BYTES // 2)
    first, second = read("net.yaml", large + b"---\nb: 2\n")
    assert MAX_BYTES < len(first.raw) < MAX_BYTES + 100
    assert (second.line, second.raw) == (MAX_BYTES // 2 + 1, b"---\nb: 2\n")


def test_a_line_too_long_is_cut() -> None:
    first, second = read("all.jsonl", b"x" * (3 * MAX_BYTES) + b"\n{}\n")
    assert MAX_BYTES < len(first.raw) <= 2 * MAX_BYTES
    assert (second.number, second.line, second.raw) == (2, 2, b"{}\n")


def test_lines_of_json() -> None:
    found = read("all.jsonl", b'{"a": 1}\n\n{"b": "---"}')
    assert places(found) == [(1, 1, b'{"a": 1}\n'), (2, 3, b'{"b": "---"}')]
    assert sum(document.share for document in found) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_an_archive_streams_by(mode: str) -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode=mode) as archive:  # type: ignore[call-overload]
        for name, text in (
            ("b/two.yaml", b"b: 2\n---\nc: 3\n"),
            ("readme.md", b"no spec"),
            ("a.yml", b"a: 1\n"),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    ending = mode.replace("w", "").replace(":", ".")
    found = read(f"nets.tar{ending}", raw.getvalue())
    assert [(d.source, d.number, d.raw) for d in found] == [
        (f"nets.tar{ending}:b/two.yaml", 1, b"b: 2\n"),
        (f"nets.tar{ending}:b/two.yaml", 2, b"---\nc: 3\n"),
        (f"nets.tar{ending}:a.yml", 1, b"a: 1\n"),
    ]


def test_a_damaged_archive_is_a_document_with_a_problem() -> None:
    (found,) = read("nets.tar.gz", b"not an archive")
    assert found.problem is not None
    assert found.problem.startswith("can't be read: ")


def fail(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("open_", "problem"),
    [
        (Path("no/such.yaml").open, "no such file"),
        (Path("/").open, "a directory, not a spec"),
        (
            lambda: fail(PermissionError(13, "Permission denied")),
            "can't be read: Permission denied",
        ),
    ],
    ids=["missing", "directory", "forbidden"],
)
def test_what_cannot_be_opened(open_: Callable[[], io.BytesIO], problem: str) -> None:
    assert list(documents(Stream("x.yaml", open_))) == [Document("x.yaml", 1, b"", problem=problem)]
