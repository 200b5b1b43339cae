"""Which streams a path names; library/find.py's test has the files."""

import io
import sys
from pathlib import Path

import pytest

from sepconv_cli.batch.documents import documents
from sepconv_cli.batch.streams import streams
from sepconv_cli.errors import UsageError
from sepconv_cli.library import zoo


@pytest.fixture(name="tree")
def _tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a/2.yaml", "a/b/1.YAML", "c.jsonl"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("input: [1]")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*paths: str, files_from: str | None = None) -> list[str]:
    return [found.name for found in streams(paths, files_from)]


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b", ["a/b/1.YAML"]),
        ("c.jsonl", ["c.jsonl"]),
        ("zoo:mobilenet_v1", ["zoo:mobilenet_v1"]),
    ],
)
def test_what_a_path_names(path: str, expected: list[str]) -> None:
    assert names(path) == expected


def test_the_whole_zoo() -> None:
    assert names("zoo:") == [f"zoo:{name}" for name in zoo.zoo_names()]


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nothing", "nothing: no such file or folder"),
        ("*.toml", "*.toml: matches no file"),
        ("a/.git/none", "a/.git/none: no such file or folder"),
        ("zoo:mobilenet_v9", "the zoo has no mobilenet_v9"),
    ],
)
def test_a_path_that_names_nothing_is_wrong_use(path: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        streams([path])
    assert error.value.problems[0].message == message
    assert error.value.problems[0].hint


def test_a_folder_without_specs_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no \*.yaml"):
        streams([str(tmp_path)])


def test_a_list_of_files(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "list").write_text("a/b\n\nnothing.yaml\nc.jsonl\n")
    expected = ["a/b/1.YAML", "nothing.yaml", "c.jsonl"]
    assert names(files_from="list") == expected
    monkeypatch.setattr(sys, "stdin", io.StringIO((tree / "list").read_text()))
    assert names("a/2.yaml", files_from="-") == ["a/2.yaml", *expected]


def test_a_line_of_a_list_never_stops_a_run(tree: Path) -> None:
    (tree / "list").write_text("zoo:none\ngopher://nothing\nx**\nnone.yaml\na\0b\na/b\n")
    found = list(streams([], "list"))
    *lost, good = [document for source in found for document in documents(source)]
    assert [document.problem for document in lost] == [
        "can't be read: the zoo has no none",
        "can't be read: gopher://nothing: can't be reached: Protocol not known: gopher",
        "can't be read: x** is no glob: ** stands for whole folders",
        "no such file",
        "can't be read: embedded null byte",
    ]
    assert good.source == "a/b/1.YAML"


def test_remote_folders(tmp_path: Path) -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    for name in ("/batch/b.yaml", "/batch/sub/a.yml", "/batch/.x/c.yaml", "/batch/readme.md"):
        memory.pipe(name, b"input: [1]")
    expected = ["memory:///batch/b.yaml", "memory:///batch/sub/a.yml"]
    assert names("memory://batch") == expected
    assert names("memory://batch/*.yaml") == expected[:1]
    assert names("memory://batch/readme.md") == ["memory:///batch/readme.md"]
    (tmp_path / "x.yaml").write_text("input: [1]")
    assert names(f"file://{tmp_path}") == [f"file://{tmp_path}/x.yaml"]
    (found,) = streams([f"file://{tmp_path}/x.yaml"])
    with found.open() as file:
        assert file.read() == b"input: [1]"
    with pytest.raises(UsageError, match="no such file"):
        streams(["memory://nothing"])
    with pytest.raises(UsageError, match="gopher"):
        streams(["gopher://nothing"])
