"""Which files a path names, and in which order."""

import os
from pathlib import Path

import pytest

from sepconv_cli.errors import UsageError
from sepconv_cli.library import find
from sepconv_cli.library.find import files, fitting, spec_files

SPEC = "input: [1, 1]\nlayers: [relu]\n"


@pytest.fixture(name="tree", autouse=True)
def _tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Specs, what looks like them, what is hidden, and a folder that leads in a circle."""
    for name in (
        "a/2.yaml", "a/10.yml", "a/.hidden.yaml", "a/b/1.YAML", "a/b/deep/x.yaml", "a/.git/x.yaml",
        "a/b.c/z.yaml", "a/d.yaml/in.yaml",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SPEC)
    (tmp_path / "a" / "notes.txt").write_text(SPEC)
    (tmp_path / "a" / "ci.yaml").write_text("steps: [run]\n")
    (tmp_path / "a" / "gone.yaml").symlink_to("nowhere")
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a")
    monkeypatch.chdir(tmp_path)
    return tmp_path


BELOW_A = [
    "a/10.yml", "a/2.yaml", "a/b/1.YAML", "a/b/deep/x.yaml", "a/b.c/z.yaml", "a/ci.yaml",
    "a/d.yaml/in.yaml", "a/gone.yaml",
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("a", BELOW_A, id="a folder, part by part: a/b/ before a/b.c/"),
        pytest.param("a/**", BELOW_A, id="all that is below it"),
        pytest.param("./a/b", ["./a/b/1.YAML", "./a/b/deep/x.yaml"], id="as it is spelt"),
        pytest.param("a/notes.txt", ["a/notes.txt"], id="a file, whatever its name"),
        pytest.param("a/.git/x.yaml", ["a/.git/x.yaml"], id="a hidden one that is named"),
        pytest.param("a/*", ["a/10.yml", "a/2.yaml", "a/ci.yaml", "a/gone.yaml", "a/notes.txt"],
                     id="the files of one folder"),
        pytest.param("a/.*", ["a/.hidden.yaml"], id="hidden ones, where the glob says so"),
        pytest.param("**/x.yaml", ["a/b/deep/x.yaml"], id="any depth, and no hidden folder"),
        pytest.param("**/deep/**/*.yaml", ["a/b/deep/x.yaml"], id="each file once"),
        pytest.param("a/**/**/x.yaml", ["a/b/deep/x.yaml"], id="any depth twice is any depth"),
        pytest.param("*/l*/2.yaml", ["a/loop/2.yaml"], id="a link that the glob names"),
        pytest.param("[a]/?.yaml", ["a/2.yaml"], id="one of several characters"),
        pytest.param("a/*.toml", [], id="nothing fits"),
        pytest.param("none", [], id="nothing is there"),
    ],
)  # fmt: skip
def test_what_a_path_names(path: str, expected: list[str]) -> None:
    assert list(files(path)) == expected


def test_a_name_may_look_like_a_glob(tree: Path) -> None:
    (tree / "a[1].yaml").write_text(SPEC)
    assert list(files("a[1].yaml")) == ["a[1].yaml"]


@pytest.mark.parametrize("pattern", ["a**", "x/**y", ""])
def test_what_is_no_glob(pattern: str) -> None:
    with pytest.raises(UsageError, match="is no glob"):
        fitting("", pattern)


def test_a_folder_that_cannot_be_listed_comes_out_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that opening it says why."""
    scandir = os.scandir

    def refuse(folder: str) -> object:
        if folder == "a/b":
            raise PermissionError(folder)
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    assert list(files("a"))[:4] == ["a/10.yml", "a/2.yaml", "a/b", "a/b.c/z.yaml"]


@pytest.mark.parametrize("many", [1, 3, 400, 401])
def test_the_names_of_a_large_folder_are_sorted_on_disk(
    tree: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """By the bytes of their names, as those of a small one are: z, é, then what isn't UTF-8."""
    monkeypatch.setattr(find, "MANY", many)
    large = tree / "large"
    large.mkdir()
    names = [f"{number}.yaml" for number in range(398)] + ["é.yaml", "z.yaml"]
    for name in names:
        (large / name).touch()
    odd = os.fsdecode(b"\xff.yaml")
    (large / odd).touch()
    found = [Path(file).name for file in files("large")]
    assert found == [*sorted(f"{number}.yaml" for number in range(398)), "z.yaml", "é.yaml", odd]


def test_few_names_of_a_large_folder_are_held(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No list of all of them is ever made: what is sorted in memory is at most MANY."""
    monkeypatch.setattr(find, "MANY", 10)
    for number in range(50):
        (tree / "a" / f"{number:02}.yaml").touch()
    longest = 0

    def sorted_(held: list[object]) -> list[object]:
        nonlocal longest
        longest = max(longest, len(held))
        return sorted(held)  # type: ignore[type-var]

    monkeypatch.setattr(find, "sorted", sorted_, raising=False)
    assert len(list(files("a"))) == len(BELOW_A) + 50
    assert 0 < longest < 10


# What `check` and `diff` take


def test_specs_are_taken_and_other_yaml_is_passed_over() -> None:
    passed_over = ("a/ci.yaml", "a/gone.yaml")
    assert spec_files(["a"]) == [file for file in BELOW_A if file not in passed_over]
    assert spec_files(["a/*"]) == ["a/10.yml", "a/2.yaml"]


def test_what_is_named_is_a_spec_whatever_it_holds() -> None:
    named = ["a/ci.yaml", "a/notes.txt", "none.yaml", "-", "zoo:resnet"]
    assert spec_files(named) == named


def test_each_file_once_however_it_is_spelt(tree: Path) -> None:
    assert spec_files(["a/2.yaml", "./a/*2.yaml", str(tree / "a" / "2.yaml")]) == ["a/2.yaml"]


@pytest.mark.parametrize("path", ["a/.git/none/*.yaml", "a/*.txt"])
def test_a_path_without_a_spec_is_wrong_use(path: str) -> None:
    with pytest.raises(UsageError, match="no spec there"):
        spec_files([path])
