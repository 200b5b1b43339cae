"""Outcomes -> the tables of a batch, as they come."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
from msgspec.structs import astuple, replace

from sepconv_cli.batch.rows import OF_DEVICE, SpecLayerRow, SpecOutcome, SpecRow, placed
from sepconv_cli.batch.store import KEPT, CountedSpec
from sepconv_cli.files.columns import FieldKind, FileColumn, FileField
from sepconv_cli.files.writer import RowWriter

_HELD = 1_000
"""Rows that are held as Python's objects, which are ten times as large as Arrow's."""


def write_tables(
    counted: Iterable[CountedSpec],
    output: Path | None,
    per_layer: bool,
    seen: Callable[[list[SpecRow]], None],
    on_device: bool = False,
) -> None:
    """Write what came of the documents to the output, if there is one, and show each one's rows.

    Raises UsageError where it can't be written; what was there before is then still there.
    """
    with ExitStack() as stack:
        tables = [_Table(*each, on_device, stack) for each in _records(output, per_layer)]
        for each in counted:
            outcome = _placed(each)
            both: tuple[list[Any], ...] = (outcome.rows, outcome.layers)
            for table, rows in zip(tables, both, strict=False):
                table.add(rows)
            seen(outcome.rows)
        for table in tables:
            table.finish()


def _records(output: Path | None, per_layer: bool) -> list[tuple[Path, type[msgspec.Struct]]]:
    if output is None:
        return []
    if not per_layer:
        return [(output, SpecRow)]
    return [(output, SpecRow), (output.with_suffix(f".layers{output.suffix}"), SpecLayerRow)]


class _Table:
    """A table while it is written: its rows are held until there are enough for a lot."""

    def __init__(
        self, file: Path, record: type[msgspec.Struct], on_device: bool, stack: ExitStack
    ) -> None:
        self._fields = record_fields(record, on_device)
        self._kept = [record.__struct_fields__.index(field.name) for field in self._fields]
        writer = RowWriter(file, self._fields, {}, compact=True, if_full=KEPT)
        self._writer = stack.enter_context(writer)
        self._held: list[msgspec.Struct] = []

    def add(self, rows: Iterable[msgspec.Struct]) -> None:
        self._held.extend(rows)
        if len(self._held) >= _HELD:
            self._pass_on()

    def finish(self) -> None:
        self._pass_on()
        self._writer.finish()

    def _pass_on(self) -> None:
        if self._held:
            columns = list(zip(*map(astuple, self._held), strict=True))
            kept = zip(self._fields, self._kept, strict=True)
            self._writer.add([FileColumn(field, columns[at]) for field, at in kept])
            self._held = []


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


def record_fields(record: type[msgspec.Struct], on_device: bool = True) -> tuple[FileField, ...]:
    """The columns of a record, any of which may be empty; those of a device where there is one."""
    hints = get_type_hints(record)
    return tuple(
        FileField(name, _kind(hints[name]))
        for name in record.__struct_fields__
        if on_device or name not in OF_DEVICE
    )


def _kind(hint: Any) -> FieldKind:
    kinds: tuple[tuple[type, FieldKind], ...] = ((int, "whole"), (float, "float"), (bool, "truth"))
    return next((kind for plain, kind in kinds if hint in (plain, plain | None)), "text")
