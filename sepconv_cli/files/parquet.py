"""Rows as Parquet, by pyarrow."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from sepconv_cli.errors import UsageError
from sepconv_cli.files import EXTRA
from sepconv_cli.files.columns import FieldKind, FileColumn, FileField

ROW_GROUP = 2**24
"""Bytes that wait for the others of their row group, so that memory stays bounded."""

_EXACT: dict[FieldKind, Callable[[int], Any]] = {"large": Decimal, "endless": str}


class ParquetRows:
    """A file of Parquet. A compact one is smaller, another takes less time."""

    def __init__(
        self, path: Path, fields: Sequence[FileField], about: Mapping[str, str], compact: bool
    ) -> None:
        self._pa = pyarrow()
        metadata = {f"sepconv.{key}": text for key, text in about.items()}
        self._schema = parquet_schema(fields).with_metadata(metadata)
        # A dictionary of numbers that hardly recur takes most of the time.
        recurring = [field.name for field in fields if field.kind in ("word", "truth", "float")]
        self._file = self._pa.parquet.ParquetWriter(
            path,
            self._schema,
            compression="zstd" if compact else "lz4",
            use_dictionary=compact or recurring,
        )
        self._waiting: list[Any] = []
        self._bytes = 0

    def add(self, columns: Sequence[FileColumn]) -> None:
        """Write rows."""
        pairs = zip(columns, self._schema.types, strict=True)
        arrays = [self._array(column, kind) for column, kind in pairs]
        self._waiting.append(self._pa.record_batch(arrays, schema=self._schema))
        self._bytes += self._waiting[-1].nbytes
        if self._bytes >= ROW_GROUP:
            self._flush()

    def close(self) -> None:
        """Finish the file."""
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        waiting, self._waiting, self._bytes = self._waiting, [], 0
        if waiting:
            self._file.write_table(self._pa.Table.from_batches(waiting, self._schema))

    def _array(self, column: FileColumn, kind: Any) -> Any:
        if column.field.kind == "word":
            indices = self._pa.array(column.values, kind.index_type, mask=column.absent)
            return self._pa.DictionaryArray.from_arrays(indices, list(column.words))
        exact = _EXACT.get(column.field.kind)
        if exact is None:
            return self._pa.array(column.values, kind, mask=column.absent)
        values = [None if value is None else exact(value) for value in column.listed()]
        return self._pa.array(values, kind)


def parquet_schema(fields: Sequence[FileField]) -> Any:
    """The schema of some fields, any of which may be null."""
    pa = pyarrow()
    kinds: dict[FieldKind, Any] = {
        "whole": pa.int64(),
        "large": pa.decimal128(38, 0),
        "endless": pa.string(),
        "float": pa.float64(),
        "truth": pa.bool_(),
        "word": pa.dictionary(pa.int32(), pa.string()),
        "text": pa.string(),
    }
    return pa.schema([(field.name, kinds[field.kind]) for field in fields])


def pyarrow() -> Any:
    """The library that writes Parquet. Raises UsageError where it isn't installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise UsageError("a .parquet file needs pyarrow", EXTRA) from error
    return pyarrow
