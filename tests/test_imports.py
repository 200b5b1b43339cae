"""Start-up is a feature: each road imports only what it needs, seen from a fresh interpreter."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPEC = ROOT / "configs" / "architectures" / "mobilenet_v1.yaml"
HEAVY = {
    "torch", "fvcore", "numpy", "sympy", "pyarrow", "dask", "distributed", "fsspec", "pydantic",
    "altair",
}  # fmt: skip


# Rooms and files that import torch; all others do without.
IMPORT_TORCH = (
    "sepconv_cli/trace/",
    "sepconv_cli/measure/runtimes/torch.py",
    "sepconv_cli/importing/proofs/loaded.py",
    "sepconv_cli/importing/proofs/values.py",
    "sepconv_cli/importing/proofs/outputs.py",
    "sepconv_cli/importing/proofs/operators.py",
    "sepconv_cli/importing/passes/",
)


def imported(*arguments: str, cache: Path) -> set[str]:
    """The top-level packages that a command leaves in sys.modules."""
    code = (
        "import sys; from sepconv_cli.cli import run; code = run(sys.argv[1:]); "
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"XDG_CACHE_HOME": str(cache), "PATH": "", "HOME": str(cache)},
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("format_name", ["terminal", "json", "jsonl", "csv", "markdown"])
def test_analytic_road_is_light(tmp_path: Path, format_name: str) -> None:
    found = imported(
        "compare",
        str(SPEC),
        "--engine",
        "analytic",
        "--per-layer",
        "-f",
        format_name,
        cache=tmp_path,
    )
    assert "yaml" in found
    assert not found & (HEAVY | {"rich", "tomllib"})


def test_a_spec_is_read_without_what_keeps_models(tmp_path: Path) -> None:
    """Checksums, and where the user's cache is."""
    found = imported("compare", str(SPEC), "--engine", "analytic", cache=tmp_path)
    assert not found & {"hashlib", "platformdirs"}


def test_predicted_latency_is_light(tmp_path: Path) -> None:
    arguments = ("compare", str(SPEC), "--engine", "analytic", "--device", "rtx4090-amp")
    found = imported(*arguments, "-f", "json", cache=tmp_path)
    assert not found & (HEAVY | {"rich", "tomllib", "platformdirs"})


def test_nothing_about_devices_is_imported_where_none_is_named() -> None:
    code = (
        "import sys; from sepconv_cli.cli import run; run(sys.argv[1:]); "
        "print(any('sepconv_cli.latency' in name for name in sys.modules), file=sys.stderr)"
    )
    command = (sys.executable, "-c", code, "compare", str(SPEC), "--engine=analytic")
    for more, expected in (((), "False"), (("--device", "rtx4090-amp"), "True")):
        done = subprocess.run(
            [*command, *more], capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert done.stderr.split()[-1] == expected, more


def test_help_is_light(tmp_path: Path) -> None:
    assert not imported("compare", "--help", cache=tmp_path) & HEAVY


def test_variants_that_nobody_names_are_not_imported() -> None:
    """Their options are flags of every command, but these are drawn where one is typed."""
    code = (
        "import sys; from sepconv_cli.cli import run; run(sys.argv[1:]); "
        "print('sepconv_cli.variants.grouped' in sys.modules, file=sys.stderr)"
    )
    command = (sys.executable, "-c", code, "compare", str(SPEC), "--engine=analytic")
    for more, expected in (((), "False"), (("--p", "1/6"), "True"), (("--help",), "True")):
        done = subprocess.run(
            [*command, *more], capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert done.stderr.split()[-1] == expected, more


def test_cached_trace_is_light(tmp_path: Path) -> None:
    command = ("compare", str(SPEC), "--variant", "blueprint_u")
    assert "torch" in imported(*command, cache=tmp_path)
    assert not imported(*command, cache=tmp_path) & HEAVY


def test_batch_to_csv_is_light(tmp_path: Path) -> None:
    table = str(tmp_path / "costs.csv")
    assert not imported("batch", str(SPEC), "-o", table, cache=tmp_path) & (HEAVY | {"rich"})


def test_explain_imports_sympy_alone(tmp_path: Path) -> None:
    assert imported("explain", str(SPEC), cache=tmp_path) & HEAVY == {"sympy"}


def test_sweep_imports_numpy_alone(tmp_path: Path) -> None:
    grid = ("--set", "width=0.5:1:0.1", "--where", "macs < 1e9", "-o", str(tmp_path / "a.csv"))
    assert imported("sweep", str(SPEC), *grid, cache=tmp_path) & HEAVY == {"numpy"}


def test_crossover_imports_sympy_alone(tmp_path: Path) -> None:
    assert imported("crossover", str(SPEC), cache=tmp_path) & HEAVY == {"sympy"}


def test_onnx_files_are_written_and_run_without_torch(tmp_path: Path) -> None:
    """A Raspberry Pi has onnxruntime and no torch."""
    with_onnx = {"onnx", "numpy"}
    command = ("export", str(SPEC), "--set", "width=0.25", "-o", str(tmp_path / "net.onnx"))
    assert imported(*command, cache=tmp_path) & {*HEAVY, "onnx"} == with_onnx
    quick = ("--seconds", "0.1", "--threads", "1", "--variant", "blueprint_s")
    assert "torch" not in imported("measure", str(SPEC), *quick, cache=tmp_path)


def test_torch_is_imported_in_the_rooms_that_are_named() -> None:
    importers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "sepconv_cli").rglob("*.py")
        if any(
            line.split()[:2] in (["import", "torch"], ["from", "torch"])
            or (
                line.split()[:1] == ["from"]
                and line.split()[1].split(".")[0] in ("torch", "fvcore")
            )
            for line in path.read_text().splitlines()
        )
    }
    assert {"sepconv_cli/trace/build.py", "sepconv_cli/trace/count.py"} <= importers
    assert {name for name in importers if not name.startswith(IMPORT_TORCH)} == set()
