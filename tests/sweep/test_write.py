"""Files read back by other programs: the same rows in all three, exact where numbers are large."""

import csv
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sepconv_cli import UsageError, compare, loads
from sepconv_cli.sweep.ask import SweepRequest, sweep

# 9 x channels parameters; the kernel is larger than an input of 2.
SPEC = """
name: N
input: [1, size, size]
parameters: {width: 1, size: 8, flag: true}
layers:
  - conv: {out_channels: int(10 * width), kernel_size: 3, padding: 0, bias: flag}
"""
GRID = ("width=0.25:1:0.25", "size=2:4", "flag=true,false")


def rows(path: Path, *settings: str, **options: Any) -> list[dict[str, Any]]:
    sweep(loads(SPEC), SweepRequest(settings=settings or GRID, output=path, **options))
    if path.suffix == ".parquet":
        table: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return table
    text = path.read_text()
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    return list(csv.DictReader(text.splitlines()))


def test_parquet_has_every_point_and_says_why_some_are_invalid(tmp_path: Path) -> None:
    found = rows(tmp_path / "a.parquet", variants=("standard", "blueprint_u"))
    assert len(found) == 4 * 3 * 2 * 2
    assert found[0] == {
        "width": 0.25,
        "size": 2,
        "flag": True,
        "variant": "standard",
        "reason": "the kernel is larger than its input: "
        "3 on the height of 2 and 3 on the width of 2",
        **dict.fromkeys(["parameters", "macs", "activations", "weight_bytes", "activation_bytes"]),
    }
    for row in found:
        if row["size"] == 2:
            assert row["reason"].startswith("the kernel is larger")
            continue
        (expected,) = compare(
            loads(SPEC),
            grid=[{"width": Fraction(row["width"]), "size": row["size"], "flag": row["flag"]}],
            variants=[row["variant"]],
            engine="analytic",
        ).rows
        assert row["reason"] is None
        assert (row["parameters"], row["macs"], row["activations"], row["weight_bytes"]) == (
            expected["parameters"],
            expected["count"],
            expected["activations"],
            expected["weight_bytes"],
        )


def test_the_schema_is_named_and_typed(tmp_path: Path) -> None:
    rows(tmp_path / "a.parquet", convention="fvcore", variants=("standard",))
    schema = pq.read_schema(tmp_path / "a.parquet")
    assert [(field.name, str(field.type)) for field in schema] == [
        ("width", "double"),
        ("size", "int64"),
        ("flag", "bool"),
        ("variant", "dictionary<values=string, indices=int32, ordered=0>"),
        ("reason", "dictionary<values=string, indices=int32, ordered=0>"),
        ("parameters", "int64"),
        ("fvcore", "int64"),
        ("activations", "int64"),
        ("weight_bytes", "int64"),
        ("activation_bytes", "int64"),
    ]
    assert schema.metadata[b"sepconv.convention"] == b"fvcore"
    assert schema.metadata[b"sepconv.network"] == b"N"


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_a_reason_has_the_numbers_of_its_own_row(tmp_path: Path, ending: str) -> None:
    """One where each width is wrong in its own way, two where only the kernel is."""
    found = rows(tmp_path / f"a.{ending}", "width=-0.1:0.1:0.1", "size=1:3", variants=("standard",))
    too_few = "out_channels: expected a whole number of at least 1, not"
    too_small = "the kernel is larger than its input: 3 on the height of"
    assert [row["reason"] or None for row in found] == [
        *[f"{too_few} -1"] * 3,
        *[f"{too_few} 0"] * 3,
        f"{too_small} 1 and 3 on the width of 1",
        f"{too_small} 2 and 3 on the width of 2",
        None,
    ]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_text_has_the_same_rows(tmp_path: Path, ending: str) -> None:
    parquet = rows(tmp_path / "a.parquet")
    text = rows(tmp_path / f"a.{ending}")
    if ending == "csv":
        parquet = [
            {name: "" if value is None else str(value) for name, value in row.items()}
            for row in parquet
        ]
    assert text == parquet


def test_row_groups_keep_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sepconv_cli.files.parquet.ROW_GROUP", 300)
    monkeypatch.setattr("sepconv_cli.sweep.grid.BLOCK", 3)
    found = rows(tmp_path / "a.parquet", "size=3:50", variants=("standard",))
    assert pq.ParquetFile(tmp_path / "a.parquet").num_row_groups > 1
    assert [row["size"] for row in found] == list(range(3, 51))
    assert [row["macs"] for row in found] == [90 * (n - 2) ** 2 for n in range(3, 51)]


@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
def test_a_filter_leaves_the_others_out(tmp_path: Path, ending: str) -> None:
    """And the variants keep their names. Of blueprint_u with n features at size s: n s^2 for the
    pointwise one, and 9 n (s - 2)^2."""
    both = ("blueprint_u", "standard")
    path = tmp_path / f"a.{ending}"
    found = rows(path, where="macs == 90 or macs == 180", variants=both)
    points = [(row["variant"], row["width"], row["size"], row["macs"]) for row in found]
    assert points == [
        *[("blueprint_u", 0.5, 3, 90)] * 2,
        *[("standard", 0.5, 4, 180)] * 2,
        *[("blueprint_u", 1.0, 3, 180), ("standard", 1.0, 3, 90)] * 2,
    ]


def test_the_best_points_are_what_is_written(tmp_path: Path) -> None:
    best = {"top": 3, "by": "max:macs", "variants": ("standard",)}
    found = rows(tmp_path / "a.csv", "size=3:50", **best)
    assert [row["size"] for row in found] == ["50", "49", "48"]


@pytest.mark.parametrize(
    ("features", "kind", "expected"),
    [
        (10**12, "decimal128(38, 0)", Decimal(10**24 + 10**12)),
        (10**18, "decimal128(38, 0)", Decimal(10**36 + 10**18)),
    ],
)
def test_numbers_beyond_64_bits(
    tmp_path: Path, features: int, kind: str, expected: Decimal
) -> None:
    spec = loads("input: [n]\nparameters: {n: 1}\nlayers: [linear: {out_features: n}]")
    wide = {"settings": (f"n=3,{features}",), "variants": ("standard",)}
    sweep(spec, SweepRequest(output=tmp_path / "a.parquet", **wide))  # type: ignore[arg-type]
    table = pq.read_table(tmp_path / "a.parquet")
    assert str(table.schema.field("parameters").type) == kind
    assert table["parameters"].to_pylist() == [Decimal(12), expected]
    sweep(spec, SweepRequest(output=tmp_path / "a.jsonl", **wide))  # type: ignore[arg-type]
    lines = (tmp_path / "a.jsonl").read_text().splitlines()
    assert json.loads(lines[1])["parameters"] == int(expected)


def test_a_number_that_turns_out_too_large_for_its_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only in the middle, which no corner shows: the file is begun again with a wider column."""
    monkeypatch.setattr("sepconv_cli.sweep.grid.BLOCK", 1000)
    spec = loads(
        "input: [10000000]\nparameters: {n: 1}\nlayers:\n"
        "  - linear: {out_features: 10000000000000 if n == 5000 else n, bias: false}\n"
    )
    path = tmp_path / "a.parquet"
    request = SweepRequest(settings=("n=1:9000",), variants=("standard",), output=path)
    done = sweep(spec, request)
    table = pq.read_table(path)
    assert str(table.schema.field("parameters").type) == "decimal128(38, 0)"
    assert str(table.schema.field("activations").type) == "int64"
    large = {5000: 10**20}
    assert table["parameters"].to_pylist() == [large.get(n, 10**7 * n) for n in range(1, 9001)]
    assert done.report.data["variants"][0]["points"] == 9000


def test_what_fails_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sepconv_cli.files.parquet.ParquetRows.add", full)
    with pytest.raises(UsageError, match="can't be written: No space left on device"):
        rows(tmp_path / "a.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["missing/a.csv", "a.txt"])
def test_where_nothing_can_be_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        rows(tmp_path / name)
