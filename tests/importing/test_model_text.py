"""What is kept of an import, and how little a second look takes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest
import torch
from onnx import TensorProto, helper

from sepconv_cli.importing import model_text
from tests.conftest import Sepconv
from tests.importing.packages import NET, unloaded, write_packages
from tests.test_imports import HEAVY

MODELS = {"timm", "torchvision", "mine", "onnx"}


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    write_packages(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.chdir(tmp_path)
    with unloaded("timm", "torchvision", "mine"):
        yield tmp_path / "site"


def entries(tmp_path: Path) -> list[Path]:
    """What is kept of models."""
    return sorted((tmp_path / "cache" / "sepconv" / "models").glob("*"))


def loaded(site: Path, *arguments: str) -> set[str]:
    """The top-level packages that are in sys.modules after a command in a process of its own."""
    code = (
        "import sys; from sepconv_cli.cli import run; code = run(sys.argv[1:]); "
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(site)},
    )
    return set(done.stderr.split())


def write_onnx(path: Path, width: int = 4) -> None:
    """One convolution without padding."""
    weight = helper.make_tensor("w", TensorProto.FLOAT, [width, 3, 1, 1], [0.5] * 3 * width)
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"])],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, width, 8, 8])],
        [weight],
    )
    onnx.save(helper.make_model(graph), path)


def test_the_second_look_at_a_model_imports_nothing_heavy(site: Path) -> None:
    command = ("compare", "timm:tiny", "--engine", "analytic")
    assert {"torch", "timm"} <= loaded(site, *command)
    again = loaded(site, *command)
    assert not again & (HEAVY | MODELS | {"rich", "tomllib"})
    assert "yaml" in again


def test_the_second_look_with_both_engines_is_light_too(site: Path) -> None:
    command = ("compare", "timm:tiny", "--variant", "standard")
    assert "torch" in loaded(site, *command)
    assert not loaded(site, *command) & (HEAVY | MODELS)


def test_an_onnx_file_needs_no_torch(site: Path, tmp_path: Path) -> None:
    write_onnx(tmp_path / "net.onnx")
    command = ("compare", "net.onnx", "--engine", "analytic")
    first = loaded(site, *command)
    assert "onnx" in first
    assert not first & {"torch", "timm", "fvcore"}
    assert not loaded(site, *command) & (HEAVY | MODELS)


def test_a_saved_program_needs_no_torch(site: Path, tmp_path: Path) -> None:
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 1), torch.nn.ReLU()).eval()
    torch.export.save(torch.export.export(net, (torch.zeros(1, 3, 8, 8),)), "net.pt2")
    command = ("compare", "net.pt2", "--engine", "analytic")
    for _ in range(2):
        assert not loaded(site, *command) & (HEAVY | MODELS)
    assert len(entries(tmp_path)) == 1


def test_a_name_is_recorded_once(sepconv: Sepconv, tmp_path: Path) -> None:
    first = sepconv("import", "timm:tiny")
    (kept,) = entries(tmp_path)
    assert sepconv("import", "timm:tiny") == first
    assert entries(tmp_path) == [kept]


@pytest.mark.parametrize(
    "more",
    [["--input", "3,8,8"], ["--call", "width=4"], ["--set", "resolution=8"], ["--device", "cpu"]],
    ids=" ".join,
)
def test_what_is_asked_is_part_of_the_key(
    sepconv: Sepconv, tmp_path: Path, more: list[str]
) -> None:
    assert sepconv("import", "timm:tiny").code == 0
    assert sepconv("import", "timm:tiny", *more).code == 0
    assert len(entries(tmp_path)) == 2


def test_versions_are_part_of_the_key(
    sepconv: Sepconv, tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the package, of torch, and of the modules here that make a text."""
    sepconv("import", "timm:tiny")
    (site / "timm" / "version.py").write_text("__version__ = '10'")
    sepconv("import", "timm:tiny")
    assert len(entries(tmp_path)) == 2
    monkeypatch.setattr(model_text, "stamp", lambda rooms: b"edited")
    sepconv("import", "timm:tiny")
    assert len(entries(tmp_path)) == 3


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b'{"text": 1}', b"0\n{}"], ids=repr)
def test_a_damaged_entry_is_none(sepconv: Sepconv, tmp_path: Path, raw: bytes) -> None:
    first = sepconv("import", "timm:tiny")
    (kept,) = entries(tmp_path)
    whole = kept.read_bytes()
    kept.write_bytes(raw)
    assert sepconv("import", "timm:tiny") == first
    assert kept.read_bytes() == whole


def test_no_cache_neither_reads_nor_writes(sepconv: Sepconv, tmp_path: Path) -> None:
    assert sepconv("import", "timm:tiny", "--no-cache").code == 0
    assert not entries(tmp_path)


def test_a_cache_that_cannot_be_written_is_done_without(
    sepconv: Sepconv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert sepconv("import", "timm:tiny").code == 0


def test_code_of_the_users_own_is_always_run(sepconv: Sepconv, tmp_path: Path) -> None:
    """It changes without a version that says so."""
    own = ("import", "torch:mine:Net", "--input", "3,8,8", "-q")
    texts = []
    for width in (8, 10):
        (tmp_path / "mine.py").write_text(NET.replace("width=8", f"width={width}"))
        with unloaded("mine"):
            texts.append(sepconv(*own).out)
    assert texts[0] != texts[1]
    assert not entries(tmp_path)


def test_a_file_that_changes_is_read_anew(sepconv: Sepconv, tmp_path: Path) -> None:
    texts = []
    for width in (4, 5):
        write_onnx(tmp_path / "net.onnx", width)
        texts += [sepconv("import", "net.onnx", "-q").out for _ in range(2)]
    assert texts[0] == texts[1] != texts[2] == texts[3]
    assert len(entries(tmp_path)) == 2


def test_a_file_of_models_says_where_it_is_wrong(sepconv: Sepconv, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"not a model")
    for path in ("net.onnx", "none.onnx"):
        found = sepconv("compare", path)
        assert found.code == 2
        assert found.err.startswith(f"error: {path}")
        assert "Traceback" not in found.err
    assert not entries(tmp_path)


def test_a_file_is_compared_with_what_it_was(sepconv: Sepconv, tmp_path: Path) -> None:
    """4 channels of 3 inputs at 64 positions then, 5 now; names that are no files have no past."""
    write_onnx(tmp_path / "net.onnx", 4)
    for command in (["init", "-q"], ["add", "net.onnx"], ["commit", "-qm", "a"]):
        who = ("-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run(["git", *who, *command], check=True, cwd=tmp_path)
    write_onnx(tmp_path / "net.onnx", 5)
    for paths in (
        ["git:HEAD:net.onnx", "net.onnx"],
        ["net.onnx", "--baseline", "git:HEAD"],
    ):
        found = sepconv("diff", *paths, "-f", "csv")
        assert found.code == 0, found.err
        assert str(3 * 4 * 64) in found.out
        assert str(3 * 5 * 64) in found.out
    found = sepconv("diff", "timm:tiny", "--baseline", "git:HEAD")
    assert "outside of the repository" in found.out
