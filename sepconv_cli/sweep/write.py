"""Rows to a file, as they come: Parquet, CSV or JSON lines, by the file's ending.

The file appears under its name when it is complete. Whole numbers are exact in all three: those
of a metric that can exceed 64 bits on this grid are decimals of 38 digits in Parquet, and text
where even that may be too few.
"""

import csv
from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import msgspec
import numpy as np

from sepconv_cli.errors import UsageError
from sepconv_cli.sweep.table import SweepColumn, SweepField

ROW_GROUP = 262_144
HINT = "pip install 'sepconv[batch]'"


def check_ending(path: Path) -> None:
    """Raises UsageError where a file can't be written by its ending."""
    if path.suffix.lower() not in _WRITERS:
        raise UsageError(f"{path}: a sweep is written as {', '.join(_WRITERS)}")
    if path.suffix.lower() == ".parquet":
        _pyarrow()


class Writer:
    """A file that takes lots of rows. `about` is kept with the rows where the format can."""

    def __init__(self, path: Path, fields: Sequence[SweepField], about: Mapping[str, str]) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        try:
            self._sink = _WRITERS[path.suffix.lower()](self._part, fields, about)
        except OSError as error:
            raise UsageError(f"{path}: can't be written: {error.strerror}") from error

    def add(self, columns: Sequence[SweepColumn]) -> None:
        """Write rows."""
        self._sink.add(columns)

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._sink.close()
            self._part.replace(self._path)
            return
        with suppress(Exception):
            self._sink.close()
        self._part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise UsageError(f"{self._path}: can't be written: {error.strerror}") from error


class _Parquet:
    """Row groups of a quarter of a million rows, so that memory stays bounded."""

    def __init__(self, path: Path, fields: Sequence[SweepField], about: Mapping[str, str]) -> None:
        pa = self._pa = _pyarrow()
        kinds = {
            "whole": pa.int64(),
            "large": pa.decimal128(38, 0),
            "endless": pa.string(),
            "float": pa.float64(),
            "truth": pa.bool_(),
            "word": pa.dictionary(pa.int32(), pa.string()),
        }
        schema = pa.schema([(field.name, kinds[field.kind]) for field in fields])
        self._schema = schema.with_metadata({f"sepconv.{key}": text for key, text in about.items()})
        # Numbers that hardly recur gain nothing by a dictionary, which takes most of the time.
        recurring = [field.name for field in fields if field.kind in ("word", "truth", "float")]
        self._file = pa.parquet.ParquetWriter(
            path, self._schema, compression="lz4", use_dictionary=recurring
        )
        self._waiting: list[Any] = []
        self._rows = 0

    def add(self, columns: Sequence[SweepColumn]) -> None:
        arrays = [self._array(column) for column in columns]
        batch = self._pa.record_batch(arrays, schema=self._schema)
        self._waiting.append(batch)
        self._rows += batch.num_rows
        if self._rows >= ROW_GROUP:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        if self._waiting:
            self._file.write_table(self._pa.Table.from_batches(self._waiting, self._schema))
        self._waiting, self._rows = [], 0

    def _array(self, column: SweepColumn) -> Any:
        pa, field = self._pa, column.field
        if field.kind == "word":
            indices = pa.array(column.values, pa.int32(), mask=column.absent)
            return pa.DictionaryArray.from_arrays(indices, list(column.words))
        if field.kind == "large":
            values = [None if value is None else Decimal(value) for value in column.listed()]
            return pa.array(values, pa.decimal128(38, 0))
        if field.kind == "endless":
            return pa.array([None if v is None else str(v) for v in column.listed()], pa.string())
        return pa.array(column.values, mask=column.absent)


class _Text:
    """Lines of text, one for each row."""

    def __init__(self, path: Path, fields: Sequence[SweepField], about: Mapping[str, str]) -> None:
        self._names = [field.name for field in fields]
        self._file: TextIO = path.open("w", encoding="utf-8", newline="")

    def close(self) -> None:
        self._file.close()


class _Csv(_Text):
    def __init__(self, path: Path, fields: Sequence[SweepField], about: Mapping[str, str]) -> None:
        super().__init__(path, fields, about)
        self._csv = csv.writer(self._file, lineterminator="\n")
        self._csv.writerow(self._names)

    def add(self, columns: Sequence[SweepColumn]) -> None:
        self._csv.writerows(zip(*(column.listed() for column in columns), strict=True))


class _Jsonl(_Text):
    def add(self, columns: Sequence[SweepColumn]) -> None:
        rows = zip(*(column.listed() for column in columns), strict=True)
        encode = msgspec.json.Encoder().encode
        lines = [encode(dict(zip(self._names, row, strict=True))).decode() + "\n" for row in rows]
        self._file.writelines(lines)


_WRITERS: dict[str, Any] = {".parquet": _Parquet, ".csv": _Csv, ".jsonl": _Jsonl}
ENDINGS = tuple(_WRITERS)


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise UsageError("Parquet needs pyarrow", HINT) from error
    return pyarrow


def kept(columns: Sequence[SweepColumn], which: Any) -> list[SweepColumn]:
    """The rows of some columns where a mask holds."""
    if which is None or np.all(which):
        return list(columns)
    return [
        SweepColumn(
            column.field,
            column.values[which],
            None if column.absent is None else column.absent[which],
        )
        for column in columns
    ]
