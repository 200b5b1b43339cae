"""`sepconv batch` as its users run it: tables, bad specs, exit codes, what isn't counted again."""

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from sepconv_cli import compare, load
from sepconv_cli.batch import progress
from sepconv_cli.batch import run as run_
from sepconv_cli.batch.job import Job, is_traced
from sepconv_cli.batch.outcome import _is_over
from sepconv_cli.batch.rows import LARGEST, SpecLayerRow, SpecRow
from sepconv_cli.batch.write import record_fields
from sepconv_cli.lowering.settings import grid
from sepconv_cli.metrics import listed
from sepconv_cli.ops.conv import Conv
from tests.batch.examples import folder_of, macs, spec, table
from tests.batch.inline import Inline
from tests.conftest import Sepconv

ROOT = Path(__file__).parents[2]
SAMPLE = Job(trace=0.1)
ENDINGS = ("parquet", "csv", "jsonl")


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(name="inline")
def _inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in this process, where the formulas can be made wrong, and torch is there already."""
    monkeypatch.setattr(run_, "_crew", lambda request: Inline(request.job))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_row_for_each_spec_setting_and_variant(sepconv: Sepconv, ending: str) -> None:
    """The figures are those of `compare`, and by hand: (size - 2)^2 * 27 for each channel."""
    folder_of(Path("nets"), 3)
    code, out, err = sepconv(
        "batch", "nets", "--set", "size=8,10", "-o", f"costs.{ending}",
        "--variant", "standard", "--variant", "blueprint_u",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert out.startswith(f"3 specs, 12 rows in costs.{ending}\nconvention macs: ")
    rows = table(Path(f"costs.{ending}"))
    assert [(row["source"], row["settings"], row["variant"]) for row in rows] == [
        (f"nets/000{number}.yaml", f"size={size}", variant)
        for number in (1, 2, 3)
        for size in (8, 10)
        for variant in ("standard", "blueprint_u")
    ]
    assert [int(row["count"]) for row in rows[::2]] == [
        (size - 2) ** 2 * 27 * number for number in (1, 2, 3) for size in (8, 10)
    ]
    compared = compare(
        load("nets/0003.yaml"), grid=grid(["size=10"]), variants=["blueprint_u"], engine="analytic"
    ).rows[0]
    assert (rows[-1]["network"], rows[-1]["input"]) == (compared.network, compared.input)
    for metric in listed():
        assert str(rows[-1][metric.name]) == str(compared[metric.name]), metric.name
        ratio = rows[-1][f"{metric.name}_ratio"]
        assert str(ratio) == str(compared.ratio(metric.name)), metric.name
    assert list(rows[0]) == [field.name for field in record_fields(SpecRow, on_device=False)]
    assert not list(Path().glob("*.parts"))


def test_all_formats_hold_the_same(sepconv: Sepconv) -> None:
    folder_of(Path("nets"), 4)
    Path("nets/0002.yaml").write_text("input: [3]\nlayers: [cnv: 8]\n")
    tables = {}
    for ending in ENDINGS:
        assert sepconv("batch", "nets", "-o", f"costs.{ending}").code == 2
        tables[ending] = table(Path(f"costs.{ending}"))
    assert tables["parquet"] == tables["jsonl"]
    assert tables["csv"] == [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in tables["jsonl"]
    ]


def test_every_input(sepconv: Sepconv) -> None:
    """The same network by every road: as a file, in a stream, a list, lines, archives, the zoo."""
    folder_of(Path("nets"), 2)
    Path("stream.yaml").write_text("---\n".join(spec(n) for n in (3, 4)))
    lines = [{"input": [3, 8, 8], "layers": [{"conv": {"out_channels": n, "kernel_size": 3}}]}
             for n in (5, 6)]  # fmt: skip
    Path("all.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    with tarfile.open("old.tar.gz", "w:gz") as archive:
        archive.add("nets", "inside")
    Path("list").write_text("nets/0001.yaml\n")
    result = sepconv(
        "batch", "nets", "stream.yaml", "all.jsonl", "old.tar.gz", "nets/*2.yaml",
        "zoo:seeds/aidventure", "memory://none", "--files-from", "list",
        "--variant", "standard", "-o", "costs.jsonl",
    )  # fmt: skip
    assert (result.code, result.err.splitlines()[0]) == (
        2, "error: memory://none: no such file or folder"
    )  # fmt: skip
    result = sepconv(
        "batch", "nets", "stream.yaml", "all.jsonl", "old.tar.gz", "nets/*2.yaml",
        "zoo:seeds/aidventure", "--files-from", "list",
        "--variant", "standard", "-o", "costs.jsonl",
    )  # fmt: skip
    assert result.code == 0, result.err
    rows = table(Path("costs.jsonl"))
    assert [(row["source"], row["document"], row["count"]) for row in rows] == [
        ("nets/0001.yaml", 1, macs(1)),
        ("nets/0002.yaml", 1, macs(2)),
        ("stream.yaml", 1, macs(3)),
        ("stream.yaml", 2, macs(4)),
        ("all.jsonl", 1, macs(5)),
        ("all.jsonl", 2, macs(6)),
        ("old.tar.gz:inside/0001.yaml", 1, macs(1)),
        ("old.tar.gz:inside/0002.yaml", 1, macs(2)),
        ("nets/0002.yaml", 1, macs(2)),
        ("zoo:seeds/aidventure", 1, 86_400),
        ("nets/0001.yaml", 1, macs(1)),
    ]


BAD: dict[str, tuple[str | bytes | None, tuple[object, ...]]] = {
    "a_typo.yaml": (
        "input: [3, 8, 8]\nlayers:\n  - conv: {out_channels: 8, kernal_size: 3}\n  - relo\n",
        ("spec", "no field of conv is called kernal_size", "did you mean kernel_size?", 2, 3, 29),
    ),
    "b_syntax.yaml": (
        "input: [3, 8\n",
        ("spec", "did not find expected ',' or ']'",
         "a bracket is not closed, or a comma is missing", 1, 2, 1),
    ),
    "c_empty.yaml": (
        "", ("input", "empty", "a spec needs at least `input` and `layers`", 1, None, None)
    ),
    "d_latin.yaml": (
        b"name: caf\xe9\n", ("input", "not UTF-8 text (byte 10)", None, 1, None, None)
    ),
    "e_binary.yaml": (
        b"\x7fELF\0\0", ("input", "a binary file, not a YAML spec", None, 1, None, None)
    ),
    "f_large.yaml": (
        b"a" * (2**21 + 1),
        ("input", "larger than 2 MiB, which no spec should be", None, 1, None, None),
    ),
    "g_shape.yaml": (
        "input: [3, 2, 2]\nlayers:\n  - conv: {out_channels: 8, kernel_size: 3}\n",
        ("spec", None, None, 1, 3, 42),
    ),
    "h_gone.yaml": (None, ("input", "no such file", None, 1, None, None)),
}  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_bad_spec_is_a_row_and_never_a_stop(sepconv: Sepconv, ending: str) -> None:
    folder_of(Path("nets"), 2)
    for name, (text, _) in BAD.items():
        path = Path("nets") / name
        if text is None:
            path.symlink_to("nowhere.yaml")
        else:
            path.write_bytes(text.encode() if isinstance(text, str) else text)
    code, out, err = sepconv("batch", "nets", "-o", f"costs.{ending}")
    assert code == 2
    assert err == "8 of 10 specs failed\n"
    assert out.startswith(f"10 specs, 16 rows in costs.{ending}, 8 failed\n")
    assert "8 specs failed" in out
    assert "nets/a_typo.yaml:3:29 spec no field of conv is called kernal_size" in " ".join(
        out.split()
    )
    rows = table(Path(f"costs.{ending}"))
    assert [row["status"] for row in rows] == ["ok"] * 8 + ["error"] * 8
    for row, (name, (_, expected)) in zip(rows[8:], BAD.items(), strict=True):
        found = tuple(row[key] for key in ("code", "message", "hint", "problems", "line", "column"))
        known = expected if expected[1] else (found[0], *found[1:3], *expected[3:])
        if ending == "csv":
            known = tuple("" if value is None else str(value) for value in known)
        assert found == known, name
        assert row["source"] == f"nets/{name}"


def test_keep_going_exits_with_0(sepconv: Sepconv) -> None:
    Path("bad.yaml").write_text("x")
    folder_of(Path("nets"), 1)
    result = sepconv("batch", "nets", "bad.yaml", "--keep-going")
    assert (result.code, result.err) == (0, "1 of 2 specs failed\n")


def test_a_setting_that_does_not_fit_is_a_row_beside_those_that_do(sepconv: Sepconv) -> None:
    folder_of(Path("nets"), 1)
    assert sepconv("batch", "nets", "--set", "size=2,8", "-o", "costs.jsonl").code == 2
    rows = table(Path("costs.jsonl"))
    assert [(row["settings"], row["variant"], row["code"]) for row in rows[:2]] == [
        ("size=2", None, "spec"),
        ("size=8", "standard", None),
    ]
    assert sepconv("batch", "nets", "--set", "sise=8", "-o", "costs.jsonl").code == 2
    (row,) = table(Path("costs.jsonl"))
    assert (row["code"], row["message"], row["hint"]) == (
        "usage", "net 1 has no parameter sise to set", "did you mean size?"
    )  # fmt: skip


def test_lines_of_a_later_document_count_from_the_start_of_the_file(sepconv: Sepconv) -> None:
    Path("all.yaml").write_text(f"{spec(1)}---\ninput: [3, 8, 8]\nlayers: [relu]\nlayers: [relu]\n")
    assert sepconv("batch", "all.yaml", "-o", "costs.jsonl").code == 2
    row = table(Path("costs.jsonl"))[-1]
    lines = Path("all.yaml").read_text().splitlines()
    assert (row["document"], row["message"]) == (2, "layers is written twice")
    assert lines[row["line"] - 1] == "layers: [relu]"
    assert row["hint"] == f"the first is on line {row['line'] - 1}"


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_number_beyond_64_bits_is_an_error_and_not_another_number(
    sepconv: Sepconv, ending: str
) -> None:
    Path("big.yaml").write_text(
        "input: [1000000000, 100000, 100000]\nlayers:\n"
        "  - conv: {out_channels: 1000000000, kernel_size: 1}\n"
    )
    code, _, err = sepconv("batch", "big.yaml", "--variant", "standard", "-o", f"costs.{ending}")
    assert (code, err) == (2, "1 of 1 spec failed\n")
    (row,) = table(Path(f"costs.{ending}"))
    assert (row["status"], row["code"], row["variant"]) == ("error", "overflow", "standard")
    # 10^9 channels in, 10^9 out, 10^10 positions.
    assert row["message"] == f"count is {10**28:,}, more than 64 bits hold"
    assert not row["count"]


def test_the_largest_number_that_is_kept() -> None:
    assert [_is_over(value) for value in (LARGEST, LARGEST + 1, -LARGEST - 1)] == [
        False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
def test_per_layer_is_a_second_table(sepconv: Sepconv, ending: str) -> None:
    Path("net.yaml").write_text(
        spec(4, more="  - relu\n  - conv: {out_channels: 2, kernel_size: 1}\n")
    )
    arguments = ("batch", "net.yaml", "--per-layer", "-o", f"costs.{ending}")
    assert sepconv(*arguments, "--variant", "blueprint_u").code == 0
    rows = table(Path(f"costs.layers.{ending}"))
    assert list(rows[0]) == [field.name for field in record_fields(SpecLayerRow, on_device=False)]
    # blueprint_u: 3 * 4 on 8 x 8, 9 * 4 on 6 x 6; then 4 * 2 on 6 x 6.
    assert [(row["layer"], row["op"], row["count"] and int(row["count"])) for row in rows] == [
        ("conv_1", "conv + conv", 12 * 64 + 36 * 36),
        ("relu", "relu", None if ending != "csv" else ""),
        ("conv_2", "conv", 8 * 36),
    ]
    assert [row["receptive_field"] for row in rows] == ["3x3"] * 3
    (whole,) = table(Path(f"costs.{ending}"))
    assert int(whole["count"]) == 12 * 64 + 36 * 36 + 8 * 36


def test_a_convention_and_what_it_leaves_out(sepconv: Sepconv) -> None:
    Path("net.yaml").write_text(spec(4, more="  - gelu\n"))
    arguments = ("batch", "net.yaml", "--convention", "thop", "-o", "costs.jsonl", "-q")
    assert sepconv(*arguments).code == 0
    row = table(Path("costs.jsonl"))[0]
    assert (row["convention"], row["unit"], row["not_counted"]) == ("thop", "MAC", "gelu")
    assert sepconv(*arguments, "--strict").code == 1


# The summary


def test_top_and_by(sepconv: Sepconv) -> None:
    folder_of(Path("nets"), 5)
    command = ("batch", "nets", "--variant", "standard", "--top", 2)
    data = json.loads(sepconv(*command, "--by", "parameters", "-f", "json").out)
    assert [row["source"] for row in data["best"]] == ["nets/0001.yaml", "nets/0002.yaml"]
    assert data["worst"]["parameters"] == 5 * 27
    assert (data["specs"], data["rows"], data["by"]) == (5, 5, "parameters")
    assert sum(map(int, data["variants"][0]["histogram"].split())) == 5
    out = sepconv(*command, "--by", "peak_activation_bytes").out
    # 192 arrive and 36 a channel leave, four bytes each.
    assert [
        line.split()[-1] for line in out.splitlines() if line.startswith(("1 ", "2 ", "most "))
    ] == [f"{4 * (192 + 36 * channels):,}" for channels in (1, 2, 5)]
    lines = sepconv(*command, "-f", "csv").out.splitlines()
    assert lines[0] == "variant,rows,least,most,histogram"
    assert lines[1].startswith(f"standard,5,{macs(1)},{macs(5)},")


def test_equal_rows_rank_in_their_order(sepconv: Sepconv) -> None:
    for name in ("c", "a", "b"):
        Path(f"{name}.yaml").write_text(spec(3))
    command = ("batch", "c.yaml", "a.yaml", "b.yaml", "--variant", "standard", "--top", 2)
    data = json.loads(sepconv(*command, "-f", "json").out)
    assert [row["source"] for row in data["best"]] == ["c.yaml", "a.yaml"]
    assert data["worst"]["source"] == "c.yaml"


# What isn't counted again


def counted(sepconv: Sepconv, *arguments: object) -> tuple[int, int]:
    data = json.loads(sepconv("batch", *arguments, "-f", "json").out)
    return data["counted"], data["unchanged"]


def test_only_what_has_changed_is_counted_again(sepconv: Sepconv) -> None:
    folder_of(Path("nets"), 6)
    assert counted(sepconv, "nets", "-o", "costs.jsonl") == (6, 0)
    assert counted(sepconv, "nets", "-o", "costs.jsonl") == (0, 6)
    Path("nets/0003.yaml").write_text(spec(30))
    Path("nets/0000.yaml").write_text(spec(40))
    Path("nets/0006.yaml").unlink()
    assert counted(sepconv, "nets", "-o", "costs.jsonl") == (2, 4)
    found = [row["count"] for row in table(Path("costs.jsonl")) if row["variant"] == "standard"]
    assert found == [macs(channels) for channels in (40, 1, 2, 30, 4, 5)]
    assert counted(sepconv, "nets", "-o", "costs.jsonl", "--no-cache") == (6, 0)


@pytest.mark.parametrize(
    "option",
    ["--set=size=9", "--dtype=int8", "--convention=flops", "--p=1/8", "--variant=standard"],
)
def test_another_option_is_another_result(sepconv: Sepconv, option: str) -> None:
    folder_of(Path("nets"), 2)
    assert counted(sepconv, "nets", "-o", "costs.jsonl") == (2, 0)
    assert counted(sepconv, "nets", "-o", "costs.jsonl", option) == (2, 0)


def test_an_included_file_that_changes_is_a_change(sepconv: Sepconv) -> None:
    block = "blocks:\n  b:\n    layers:\n      - conv: {{out_channels: {}, kernel_size: 3}}\n"
    Path("block.yaml").write_text(block.format(2))
    Path("net.yaml").write_text("input: [3, 8, 8]\ninclude: block.yaml\nlayers: [b]\n")
    Path("other.yaml").write_text(spec(1))
    command = ("net.yaml", "other.yaml", "-o", "costs.jsonl", "--variant", "standard")
    assert counted(sepconv, *command) == (2, 0)
    assert counted(sepconv, *command) == (0, 2)
    Path("block.yaml").write_text(block.format(5))
    assert counted(sepconv, *command) == (1, 1)
    assert table(Path("costs.jsonl"))[0]["count"] == macs(5)
    Path("block.yaml").unlink()
    assert counted(sepconv, *command) == (1, 1)
    Path("block.yaml").write_text(block.format(5))
    assert counted(sepconv, *command) == (1, 1)


def test_a_failed_spec_is_looked_at_again_only_if_it_depends_on_more_than_its_text(
    sepconv: Sepconv,
) -> None:
    Path("bad.yaml").write_text("input: [1]\nlayers: [relo]\n")
    assert counted(sepconv, "bad.yaml", "-o", "costs.jsonl") == (1, 0)
    assert counted(sepconv, "bad.yaml", "-o", "costs.jsonl") == (0, 1)
    assert table(Path("costs.jsonl"))[0]["hint"] == "did you mean relu?"


def test_a_damaged_cache_is_done_without(sepconv: Sepconv, tmp_path: Path) -> None:
    folder_of(Path("nets"), 2)
    assert counted(sepconv, "nets", "-o", "costs.jsonl") == (2, 0)
    (cache,) = (tmp_path / "cache").rglob("*.sqlite")
    cache.write_bytes(b"not a database" * 100)
    assert counted(sepconv, "nets", "-o", "costs.jsonl") == (2, 0)
    assert counted(sepconv, "nets", "-o", "costs.jsonl") == (0, 2)


# Shards, workers, tracing


@pytest.mark.parametrize("shards", [1, 2, 3, 7])
def test_the_shards_together_are_the_whole(sepconv: Sepconv, shards: int) -> None:
    folder_of(Path("nets"), 4)
    layers = [[{"conv": {"out_channels": n, "kernel_size": 1}}] for n in range(1, 6)]
    lines = [json.dumps({"input": [3, 8, 8], "layers": each}) for each in layers]
    Path("all.jsonl").write_text("\n".join(lines))
    command = ("batch", "nets", "all.jsonl", "--variant", "standard", "-q")
    sepconv(*command, "-o", "whole.jsonl")
    found = []
    for number in range(1, shards + 1):
        file = f"part{number}.jsonl"
        assert sepconv(*command, "--shard", f"{number}/{shards}", "-o", file).code == 0
        found += Path(file).read_text().splitlines()
    whole = Path("whole.jsonl").read_text().splitlines()
    assert len(whole) == 9
    assert sorted(found) == sorted(whole)
    assert len(found) == len(whole)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_output_is_the_same_for_any_number_of_workers(sepconv: Sepconv, ending: str) -> None:
    folder_of(Path("nets"), 60)
    Path("nets/0007.yaml").write_text("what?")
    for workers in (1, 3):
        file = f"{workers}.{ending}"
        sizes = ",".join(map(str, range(8, 20)))
        command = ("batch", "nets", "--set", f"size={sizes}", "--keep-going", "-o", file)
        assert sepconv(*command, "--workers", workers).code == 0
    assert Path(f"1.{ending}").read_bytes() == Path(f"3.{ending}").read_bytes()


def test_trace_verifies_in_the_workers(sepconv: Sepconv) -> None:
    folder_of(Path("nets"), 2)
    command = ("batch", "nets", "--trace", "all", "--variant", "standard", "-o", "costs.jsonl")
    code, out, _ = sepconv(*command, "--workers", 1)
    assert code == 0
    assert "2 rows traced, 0 disagree" in out
    rows = table(Path("costs.jsonl"))
    assert [(row["traced_count"], row["agrees"]) for row in rows] == [
        (macs(1), True), (macs(2), True),
    ]  # fmt: skip


@pytest.mark.usefixtures("inline")
def test_a_sample_is_traced(sepconv: Sepconv) -> None:
    """Of 30 specs a tenth: by their texts, so the same each time, and not quite three."""
    folder_of(Path("nets"), 30)
    assert sepconv("batch", "nets", "--trace", "10%", "-o", "costs.jsonl").code == 0
    rows = table(Path("costs.jsonl"))
    traced = {row["source"] for row in rows if row["agrees"]}
    assert 0 < len(traced) < 10
    assert len([row for row in rows if row["agrees"]]) == 4 * len(traced)
    expected = [path for path in Path("nets").iterdir() if is_traced(SAMPLE, path.read_bytes())]
    assert traced == set(map(str, expected))


@pytest.mark.usefixtures("inline")
def test_engines_that_disagree_exit_with_1(
    sepconv: Sepconv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Conv, "parameters", lambda self, x: 7)
    Path("net.yaml").write_text(spec(4))
    command = ("batch", "net.yaml", "--trace", "all", "--variant", "standard", "-o", "costs.jsonl")
    result = sepconv(*command)
    assert (result.code, result.err) == (1, "the engines disagree in 1 row\n")
    (row,) = table(Path("costs.jsonl"))
    assert (row["status"], row["code"], row["agrees"]) == ("ok", "disagree", False)
    assert row["message"] == (
        "net 4, standard, conv: 7 parameters by formula, 108 by fvcore"
    )  # fmt: skip


# Wrong use


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["nothing"], "error: nothing: no such file or folder\n"),
        ([], "error: no specs are named\n"),
        (["net.yaml", "-o", "costs.xlsx"],
         "error: costs.xlsx: a table is written to a file that ends in .parquet, .csv or .jsonl\n"),
        (["net.yaml", "-o", "no/costs.csv"], "error: no/costs.csv: no such folder to write to\n"),
        (["net.yaml", "--shard", "3/2"],
         "error: --shard 3/2: expected the number of a share and how many, such as 1/8\n"),
        (["net.yaml", "--trace", "200%"],
         "error: --trace 200%: expected all, or a share such as 1%\n"),
        (["net.yaml", "--variant", "x"], "error: no variant is called x\n"),
        (["net.yaml", "--convention", "x"], "error: no convention is called x\n"),
        (["net.yaml", "--bias", "last", "--p", "x y"], "--p:1:"),
        (["net.yaml", "--resume"], "error: --resume needs an output\n"),
        (["net.yaml", "--per-layer"], "error: --per-layer needs an output\n"),
        (["net.yaml", "-o", "x.csv", "--dask", "tcp://127.0.0.1:1"],
         "error: --dask tcp://127.0.0.1:1: can't be reached: "),
        (["net.yaml", "--dask", "nonsense"], "error: --dask nonsense: can't be reached: "),
        (["net.yaml", "--include", "no"], "error: no is no folder to include from\n"),
        (["net.yaml", "--by", "beauty"], "error: nothing is called beauty\n"),
    ],
)  # fmt: skip
def test_wrong_use(
    sepconv: Sepconv, monkeypatch: pytest.MonkeyPatch, arguments: list[str], error: str
) -> None:
    monkeypatch.setattr("sepconv_cli.batch.cluster.CONNECT_SECONDS", 0.3)
    Path("net.yaml").write_text(spec(4))
    code, out, err = sepconv("batch", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(error)
    assert "Traceback" not in err
    assert [path.name for path in Path().iterdir() if path.name != "cache"] == ["net.yaml"]


@pytest.mark.parametrize(
    ("module", "arguments", "error"),
    [
        ("pyarrow", ["-o", "costs.parquet"], "a .parquet file needs pyarrow"),
        ("distributed", ["--dask", "tcp://127.0.0.1:1"], "--dask needs distributed"),
        ("fsspec.core", ["s3://bucket/nets"], "s3://bucket/nets needs fsspec"),
    ],
)
def test_without_the_extra_it_says_in_one_line_how_to_get_it(
    sepconv: Sepconv, monkeypatch: pytest.MonkeyPatch, module: str, arguments: list[str], error: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    Path("net.yaml").write_text(spec(4))
    assert sepconv("batch", "net.yaml", *arguments) == (
        2, "", f"error: {error}\n  hint: pip install 'sepconv[batch]'\n"
    )  # fmt: skip


def test_without_the_extra_csv_and_json_lines_work(tmp_path: Path) -> None:
    """And nothing of it is imported, seen from a fresh interpreter."""
    (tmp_path / "net.yaml").write_text(spec(4))
    code = (
        "import sys\n"
        "heavy = ('pyarrow', 'dask', 'distributed', 'fsspec', 'numpy', 'torch', 'sympy')\n"
        "sys.modules.update(dict.fromkeys(heavy))\n"
        "from sepconv_cli.cli import run\n"
        "if __name__ == '__main__':\n"
        "    sys.exit(run(['batch', 'net.yaml', '-o', 'costs.csv']))\n"
    )
    (tmp_path / "go.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "go.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(tmp_path)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(table(tmp_path / "costs.csv")) == 4


def test_a_terminal_sees_how_far_it_is(tmp_path: Path) -> None:
    folder_of(Path("nets"), 300)
    ours, theirs = pty.openpty()
    sizes = ",".join(map(str, range(8, 16)))
    with subprocess.Popen(
        [sys.executable, "-m", "sepconv_cli", "batch", "nets", "--set", f"size={sizes}"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(tmp_path), "TERM": "xterm"},
    ) as child:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # as reading ends on Linux
            while piece := os.read(ours, 4096):
                shown += piece
        os.close(ours)
        assert child.stdout is not None
        assert child.stdout.read().startswith("300 specs, ")
    assert re.search(rb"\d+ specs, \d+ a second", shown)


def test_progress_is_for_terminals(sepconv: Sepconv, monkeypatch: pytest.MonkeyPatch) -> None:
    folder_of(Path("nets"), 3)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    shown: list[float | None] = []

    def bar(inputs: float | None) -> object:
        shown.append(inputs)
        return progress.silent()

    monkeypatch.setattr(progress, "bar", bar)
    assert sepconv("batch", "nets", "-q").code == 0
    assert shown == []
    assert sepconv("batch", "nets").code == 0
    assert shown == [3]


def test_opaque_functions_are_named(sepconv: Sepconv, tmp_path: Path) -> None:
    """In a column of the row, and below the table: 6 * 4 elements."""
    (tmp_path / "net.yaml").write_text(
        "input: [3]\nvariants: [standard]\n"
        "layers: [linear: {out_features: 2}, opaque: {function: nms, shape: [6, 4]}]\n"
    )
    table = tmp_path / "costs.jsonl"
    found = sepconv("batch", tmp_path / "net.yaml", "-o", table)
    assert "Opaque, not counted in 1 row: nms (1 layer, 24 elements)." in found.out
    assert json.loads(table.read_text())["opaque"] == "nms (1 layer, 24 elements)"
