"""All parts -> the output: one table, or two, in the order of the documents."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from sepconv_cli.batch.parts import Entry, Parts, writing
from sepconv_cli.batch.rows import Outcome, SpecLayerRow, SpecRow, placed
from sepconv_cli.batch.write import Writer, writer


class _Table(msgspec.Struct, frozen=True):
    """A table while it is written, and where it goes when it is whole."""

    half: Path
    final: Path
    writer: Writer

    def write(self, rows: Iterable[Any]) -> None:
        with writing(self.final):
            self.writer.write(rows)

    def close(self) -> None:
        with writing(self.final):
            self.writer.close()

    def publish(self) -> None:
        with writing(self.final):
            self.half.replace(self.final)


def merge(
    parts: Parts,
    names: Iterable[str],
    output: Path | None,
    per_layer: bool,
    seen: Callable[[Entry, Outcome], None],
) -> None:
    """Write the parts of those names to the output, if there is one, and show each outcome.

    Raises UsageError where it can't be written; what was there before is then still there.
    """
    with ExitStack() as stack:
        tables = _tables(parts, output, per_layer, stack) if output else []
        for entry in _entries(parts, names):
            outcome = decode(entry)
            both: list[list[Any]] = [outcome.rows, outcome.layers]
            for table, rows in zip(tables, both, strict=False):
                table.write(rows)
            seen(entry, outcome)
        for table in tables:
            table.close()
    for table in reversed(tables):
        table.publish()


def layers_file(output: Path) -> Path:
    """Where the table of layers goes: `costs.layers.parquet`."""
    return output.with_suffix(f".layers{output.suffix}")


def decode(entry: Entry) -> Outcome:
    """The outcome of a document, its rows in their place."""
    outcome = msgspec.msgpack.decode(entry.outcome, type=Outcome)
    rows = [placed(row, entry.source, entry.number, entry.line) for row in outcome.rows]
    layers = [replace(row, source=entry.source, document=entry.number) for row in outcome.layers]
    return Outcome(rows, layers, outcome.included, outcome.lasting)


def _entries(parts: Parts, names: Iterable[str]) -> Iterator[Entry]:
    for name in names:
        found = parts.load(name)
        if found is None:
            raise OSError(f"{parts.folder / name} was there and is gone; --resume counts it again")
        yield from found


def _tables(parts: Parts, output: Path, per_layer: bool, stack: ExitStack) -> list[_Table]:
    kinds: list[tuple[Path, type[msgspec.Struct]]] = [(output, SpecRow)]
    if per_layer:
        kinds.append((layers_file(output), SpecLayerRow))
    tables = []
    for final, record in kinds:
        half = parts.folder / f"{final.name}.half"
        with writing(final):
            made = writer(half, final.suffix.lower(), record)
        stack.callback(_closed, made)
        tables.append(_Table(half, final, made))
    return tables


def _closed(made: Writer) -> None:
    """Let go of a file that can't be finished, whatever it has to say."""
    with suppress(Exception):
        made.close()
