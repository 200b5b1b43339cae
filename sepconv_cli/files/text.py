"""Rows as lines of text: CSV and JSON lines."""

import csv
from collections.abc import Sequence
from pathlib import Path

import msgspec

from sepconv_cli.files.columns import FileColumn, FileField


class CsvRows:
    """RFC 4180 with a header, empty for what isn't known."""

    def __init__(self, path: Path, fields: Sequence[FileField]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._file, lineterminator="\n")
        self._csv.writerow(field.name for field in fields)
        self.close = self._file.close

    def add(self, columns: Sequence[FileColumn]) -> None:
        """Write rows."""
        self._csv.writerows(zip(*(column.listed() for column in columns), strict=True))


class JsonRows:
    """A JSON object on each line."""

    def __init__(self, path: Path, fields: Sequence[FileField]) -> None:
        self._file = path.open("wb")
        self._names = [field.name for field in fields]
        self.close = self._file.close

    def add(self, columns: Sequence[FileColumn]) -> None:
        """Write rows."""
        encode, names = msgspec.json.Encoder().encode, self._names
        rows = zip(*(column.listed() for column in columns), strict=True)
        self._file.writelines(encode(dict(zip(names, row, strict=True))) + b"\n" for row in rows)
