"""Tables of measurements: model, input_size, batch_size, samples_per_second."""

import csv
from collections.abc import Iterator
from math import isfinite
from pathlib import Path

import msgspec

from sepconv_cli.errors import Problem, Problems, SpecError, UsageError

_COLUMNS = ("model", "input_size", "batch_size", "samples_per_second")


class MeasuredRow(msgspec.Struct, frozen=True):
    """How many samples of an input size a model took in a second, in batches of one size."""

    model: str
    input_size: int
    batch_size: int
    samples_per_second: float

    @property
    def seconds(self) -> float:
        """What a batch took."""
        return self.batch_size / self.samples_per_second


def read_measured(file: Path) -> list[MeasuredRow]:
    """The rows of a CSV file; further columns are ignored. Raises SpecError with every bad row."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: no text in UTF-8") from error
    try:
        rows = _rows(file, text)
    except csv.Error as error:
        raise UsageError(f"{file}: no table: {error}") from error
    if not rows:
        raise UsageError(f"{file}: no measurements in it")
    return rows


def _rows(file: Path, text: str) -> list[MeasuredRow]:
    # Rows end where lines do; a quoted text over several lines has no place here.
    reader = csv.DictReader(text.splitlines())
    missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise UsageError(
            f"{file}: no column {', '.join(missing)}", f"a table has {', '.join(_COLUMNS)}"
        )
    problems = Problems()
    rows = list(_read_rows(file, reader, problems))
    if problems:
        raise SpecError(problems)
    return rows


def _read_rows(
    file: Path, reader: "csv.DictReader[str]", problems: Problems
) -> Iterator[MeasuredRow]:
    for row in reader:
        try:
            yield _row(row)
        except ValueError as error:
            problems.append(Problem(f"{file}: line {reader.line_num}: {error}"))


def _row(row: dict[str, str]) -> MeasuredRow:
    model = (row["model"] or "").strip()
    if not model:
        raise ValueError("no model is named")
    size, batch, speed = (_positive(name, row[name] or "") for name in _COLUMNS[1:])
    if size != int(size) or batch != int(batch):
        raise ValueError("input_size and batch_size are whole numbers")
    return MeasuredRow(model, int(size), int(batch), speed)


def _positive(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not (isfinite(value) and value > 0):
        raise ValueError(f"{name}: {text!r} is no number above 0")
    return value
