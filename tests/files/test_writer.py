"""One writer for all rows: the same values in every format, a file that is whole or isn't there."""

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from sepconv_cli import UsageError
from sepconv_cli.files.columns import FieldKind, FileColumn, FileField
from sepconv_cli.files.writer import ENDINGS, RowWriter, check_output

KINDS: tuple[FieldKind, ...] = ("whole", "large", "endless", "float", "truth", "word", "text")
FIELDS = tuple(FileField(kind, kind) for kind in KINDS)
ROWS: list[tuple[Any, ...]] = [
    (1, 2**63, 10**38, 0.5, True, "b", 'a "quoted", text'),
    (None, None, None, None, None, None, None),
    (-(2**63), 10**38 - 1, 10**60, 1e300, False, "a", "zwei\nZeilen ü"),
]
ABSENT = np.array([False, True, False])


def listed() -> list[FileColumn]:
    """The rows as Python's own values, words aside, which are always indices."""
    columns = zip(*ROWS, strict=True)
    own = [FileColumn(field, values) for field, values in zip(FIELDS, columns, strict=True)]
    words = FileColumn(FIELDS[5], np.array([1, 0, 0], np.int32), ABSENT, ("a", "b"))
    return [*own[:5], words, own[6]]


def arrays() -> list[FileColumn]:
    """The same as arrays with what is absent apart; text is never an array."""

    def column(at: int, dtype: Any) -> FileColumn:
        values = [0 if row[at] is None else row[at] for row in ROWS]
        return FileColumn(FIELDS[at], np.array(values, dtype), ABSENT)

    kinds = (np.int64, object, object, np.float64, np.bool_)
    return [*(column(at, dtype) for at, dtype in enumerate(kinds)), *listed()[5:]]


def write(path: Path, lots: Iterable[list[FileColumn]], compact: bool = False) -> None:
    with RowWriter(path, FIELDS, {"network": "N"}, compact=compact) as writer:
        for lot in lots:
            writer.add(lot)


@pytest.mark.parametrize("lot", [listed, arrays])
@pytest.mark.parametrize("compact", [False, True])
def test_parquet(tmp_path: Path, lot: Any, compact: bool) -> None:
    """Beyond 64 bits decimals, beyond 38 digits text; nothing is a float on the way."""
    write(tmp_path / "a.parquet", [lot(), lot()], compact=compact)
    table = pq.read_table(tmp_path / "a.parquet")
    assert [str(kind) for kind in table.schema.types] == [
        "int64",
        "decimal128(38, 0)",
        "string",
        "double",
        "bool",
        "dictionary<values=string, indices=int32, ordered=0>",
        "string",
    ]
    assert table.schema.metadata == {b"sepconv.network": b"N"}
    exact = [
        tuple(
            None if value is None else kind(value)
            for kind, value in zip((int, Decimal, str, float, bool, str, str), row, strict=True)
        )
        for row in ROWS
    ]
    assert [tuple(row.values()) for row in table.to_pylist()] == exact * 2


@pytest.mark.parametrize("lot", [listed, arrays])
@pytest.mark.parametrize("ending", ["jsonl", "ndjson"])
def test_json_lines(tmp_path: Path, lot: Any, ending: str) -> None:
    write(tmp_path / f"a.{ending}", [lot(), lot()])
    lines = (tmp_path / f"a.{ending}").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        dict(zip(KINDS, row, strict=True)) for row in ROWS * 2
    ]


@pytest.mark.parametrize("lot", [listed, arrays])
def test_csv(tmp_path: Path, lot: Any) -> None:
    write(tmp_path / "a.csv", [lot(), lot()])
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == list(KINDS)
    assert rows == [["" if value is None else str(value) for value in row] for row in ROWS * 2]


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_rows_are_a_table_too(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    write(path, [])
    if ending == ".parquet":
        assert pq.read_table(path).shape == (0, len(KINDS))
    else:
        assert path.read_text() == (",".join(KINDS) + "\n" if ending == ".csv" else "")


@pytest.mark.parametrize("ending", ENDINGS)
def test_until_it_is_whole_the_old_one_stands(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_text("old")
    with RowWriter(path, FIELDS, {}) as writer:
        writer.add(listed())
        writer.finish()
        assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() != b"old"


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_fails_leaves_the_old_one_and_nothing_else(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_text("old")

    def interrupted() -> Iterator[list[FileColumn]]:
        yield listed()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(path, interrupted())
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def test_where_one_of_two_cannot_be_finished_neither_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise OSError(28, "as the system says it")

    def both() -> None:
        with ExitStack() as stack:
            first = stack.enter_context(RowWriter(tmp_path / "a.csv", FIELDS, {}))
            other = RowWriter(tmp_path / "b.parquet", FIELDS, {}, if_full="clear it")
            stack.enter_context(other)
            first.finish()
            other.finish()

    monkeypatch.setattr("sepconv_cli.files.parquet.ParquetRows.close", full)
    with pytest.raises(UsageError) as caught:
        both()
    (problem,) = caught.value.problems
    assert problem.message.endswith("b.parquet: can't be written: No space left on device")
    assert problem.hint == "clear it"
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_cannot_be_taken_is_told(tmp_path: Path) -> None:
    """A folder that appears under the file's name meanwhile; a full disk's hint isn't for it."""
    path = tmp_path / "a.csv"
    with (
        pytest.raises(UsageError, match=r"a\.csv: can't be written: Is a directory") as caught,
        RowWriter(path, FIELDS, {}, if_full="clear it"),
    ):
        path.mkdir()
    assert [problem.hint for problem in caught.value.problems] == [None]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.txt", "a table is written to a file that ends in .parquet, .csv or .jsonl"),
        ("folder.csv", "a folder, not a file"),
        ("missing/a.csv", "no such folder to write to"),
        ("a.parquet", "a .parquet file needs pyarrow"),
    ],
)
def test_what_cannot_be_written_is_told_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, expected: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=expected):
        check_output(tmp_path / name)
