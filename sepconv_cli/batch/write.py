"""Outcomes -> tables, as they come: Parquet, CSV or JSON lines, by the ending of the file."""

import csv
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any, Protocol, get_type_hints

import msgspec
from msgspec.structs import asdict, astuple, replace

from sepconv_cli.batch import EXTRA
from sepconv_cli.batch.rows import SpecLayerRow, SpecOutcome, SpecRow, placed
from sepconv_cli.batch.store import CountedSpec, writing
from sepconv_cli.errors import UsageError

_ROW_GROUP = 30_000
_HELD = 5_000
"""Rows that are held as Python's objects, which are ten times as large as Arrow's."""


def write_tables(
    counted: Iterable[CountedSpec],
    output: Path | None,
    per_layer: bool,
    seen: Callable[[list[SpecRow]], None],
) -> None:
    """Write what came of the documents to the output, if there is one, and show each one's rows.

    Raises UsageError where it can't be written; what was there before is then still there.
    """
    with ExitStack() as stack:
        tables = _tables(output, per_layer, stack) if output else []
        for each in counted:
            outcome = _placed(each)
            both: list[list[Any]] = [outcome.rows, outcome.layers]
            for table, rows in zip(tables, both, strict=False):
                table.write(rows)
            seen(outcome.rows)
        for table in tables:
            table.close()
        for table in reversed(tables):
            table.publish()


class _Table(msgspec.Struct, frozen=True):
    """A table while it is written, and where it goes when it is whole."""

    half: Path
    final: Path
    writer: "RowWriter"

    def write(self, rows: Iterable[Any]) -> None:
        with writing(self.final):
            self.writer.write(rows)

    def close(self) -> None:
        with writing(self.final):
            self.writer.close()

    def publish(self) -> None:
        with writing(self.final):
            self.half.replace(self.final)

    def give_up(self) -> None:
        """Let go of what isn't published, whatever it has to say."""
        with suppress(Exception):
            self.writer.close()
        with suppress(OSError):
            self.half.unlink(missing_ok=True)


def _tables(output: Path, per_layer: bool, stack: ExitStack) -> list[_Table]:
    kinds: list[tuple[Path, type[msgspec.Struct]]] = [(output, SpecRow)]
    if per_layer:
        kinds.append((layers_file(output), SpecLayerRow))
    tables = []
    for final, record in kinds:
        half = final.with_name(f"{final.name}.half")
        with writing(final):
            made = writer(half, final.suffix.lower(), record)
        tables.append(_Table(half, final, made))
        stack.callback(tables[-1].give_up)
    return tables


def _placed(counted: CountedSpec) -> SpecOutcome:
    """The outcome of a document, its rows in their place."""
    source, number, line, encoded = counted
    outcome = msgspec.msgpack.decode(encoded, type=SpecOutcome)
    return SpecOutcome(
        outcome.lasting,
        [placed(row, source, number, line) for row in outcome.rows],
        [replace(row, source=source, document=number) for row in outcome.layers],
        outcome.included,
    )


def layers_file(output: Path) -> Path:
    """Where the table of layers goes: `costs.layers.parquet`."""
    return output.with_suffix(f".layers{output.suffix}")


class RowWriter(Protocol):
    """Writes a table row by row. Rows have the columns of the record it was made for."""

    def write(self, rows: Iterable[Any]) -> None:
        """Add rows."""

    def close(self) -> None:
        """Finish the file."""


def writer(file: Path, ending: str, record: type[msgspec.Struct]) -> RowWriter:
    """A writer to that file. Raises UsageError for an ending or a package that isn't there."""
    kinds: dict[str, type[Any]] = {
        ".parquet": _Parquet,
        ".csv": _Csv,
        ".jsonl": _Lines,
        ".ndjson": _Lines,
    }
    found: RowWriter = kinds[ending](file, record)
    return found


def check_output(output: Path) -> None:
    """Raise UsageError where no table can be written under that name."""
    ending = output.suffix.lower()
    if ending not in (".parquet", ".csv", ".jsonl", ".ndjson"):
        raise UsageError(
            f"{output}: a table is written to a file that ends in .parquet, .csv or .jsonl"
        )
    if output.is_dir():
        raise UsageError(f"{output}: a folder, not a file")
    if not output.parent.is_dir():
        raise UsageError(f"{output}: no such folder to write to")
    if ending == ".parquet":
        _pyarrow()


def columns(record: type[msgspec.Struct]) -> dict[str, type]:
    """The columns of a record and their types, any of which may be empty."""
    hints = get_type_hints(record)
    plain = (int, float, bool)
    return {
        name: next((kind for kind in plain if hints[name] in (kind, kind | None)), str)
        for name in record.__struct_fields__
    }


def parquet_schema(record: type[msgspec.Struct]) -> Any:
    """The Parquet schema: 64-bit numbers, booleans and text, any of which may be null."""
    arrow = _pyarrow()
    kinds = {int: arrow.int64(), float: arrow.float64(), bool: arrow.bool_(), str: arrow.string()}
    return arrow.schema([(name, kinds[kind]) for name, kind in columns(record).items()])


class _Parquet:
    def __init__(self, file: Path, record: type[msgspec.Struct]) -> None:
        import pyarrow.parquet

        self._arrow = _pyarrow()
        self._schema = parquet_schema(record)
        self._writer = pyarrow.parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._rows: list[Any] = []
        self._batches: list[Any] = []

    def write(self, rows: Iterable[Any]) -> None:
        self._rows.extend(rows)
        if len(self._rows) >= _HELD:
            self._pack()

    def _pack(self) -> None:
        if self._rows:
            columns = zip(*map(astuple, self._rows), strict=True)
            arrays = [
                self._arrow.array(column, field.type)
                for column, field in zip(columns, self._schema, strict=True)
            ]
            self._batches.append(self._arrow.record_batch(arrays, schema=self._schema))
            self._rows = []
        if sum(batch.num_rows for batch in self._batches) >= _ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        table = self._arrow.Table.from_batches(self._batches, self._schema)
        self._writer.write_table(table, row_group_size=2 * _ROW_GROUP)
        self._batches = []

    def close(self) -> None:
        self._pack()
        if self._batches:
            self._flush()
        self._writer.close()


class _Text:
    """A writer of lines of text."""

    def __init__(self, file: Path, record: type[msgspec.Struct]) -> None:
        self._file: IO[str] = file.open("w", encoding="utf-8", newline="")

    def close(self) -> None:
        self._file.close()


class _Csv(_Text):
    """RFC 4180 with a header, empty for what isn't known."""

    def __init__(self, file: Path, record: type[msgspec.Struct]) -> None:
        super().__init__(file, record)
        self._csv = csv.writer(self._file, lineterminator="\n")
        self._csv.writerow(record.__struct_fields__)

    def write(self, rows: Iterable[Any]) -> None:
        self._csv.writerows(map(astuple, rows))


class _Lines(_Text):
    """A JSON object on each line."""

    def write(self, rows: Iterable[Any]) -> None:
        encode = msgspec.json.Encoder().encode
        for row in rows:
            self._file.write(f"{encode(asdict(row)).decode()}\n")


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise UsageError("a .parquet file needs pyarrow", EXTRA) from error
    return pyarrow
