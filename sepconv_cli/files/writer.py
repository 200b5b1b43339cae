"""A file of rows that appears under its name when it is whole, or not at all.

Whole numbers are exact in every format: those of a field that may exceed 64 bits are decimals of
38 digits in Parquet, and text where even that may be too few.
"""

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from sepconv_cli.errors import UsageError
from sepconv_cli.files.columns import FileColumn, FileField
from sepconv_cli.files.parquet import ParquetRows, pyarrow
from sepconv_cli.files.text import CsvRows, JsonRows

_TEXT: dict[str, type[CsvRows | JsonRows]] = {
    ".csv": CsvRows,
    ".jsonl": JsonRows,
    ".ndjson": JsonRows,
}
ENDINGS = (".parquet", *_TEXT)


def check_output(output: Path) -> None:
    """Raise UsageError where no rows can be written under that name."""
    ending = output.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(
            f"{output}: a table is written to a file that ends in .parquet, .csv or .jsonl"
        )
    if output.is_dir():
        raise UsageError(f"{output}: a folder, not a file")
    if not output.parent.is_dir():
        raise UsageError(f"{output}: no such folder to write to")
    if ending == ".parquet":
        pyarrow()


@contextmanager
def writing(path: Path, if_full: str | None = None) -> Iterator[None]:
    """Say which file it was that couldn't be written, and what to do about a disk that is full."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO)
        reason = os.strerror(error.errno) if error.errno else str(error)
        hint = if_full if full else None
        raise UsageError(f"{path}: can't be written: {reason}", hint) from error


class RowWriter:
    """Writes rows to a file, some at a time; what was there before stays until all are written.

    `about` is kept with the rows and `compact` makes the file smaller, where the format can.
    Raises UsageError where the file can't be written, with a hint for a disk that is full.
    """

    def __init__(
        self,
        path: Path,
        fields: Sequence[FileField],
        about: Mapping[str, str],
        *,
        compact: bool = False,
        if_full: str | None = None,
    ) -> None:
        self._path, self._if_full = path, if_full
        self._part = path.with_name(f".{path.name}.part")
        ending = path.suffix.lower()
        with self._writing():
            self._rows = (
                _TEXT[ending](self._part, fields)
                if ending in _TEXT
                else ParquetRows(self._part, fields, about, compact)
            )

    def add(self, columns: Sequence[FileColumn]) -> None:
        """Write rows."""
        with self._writing():
            self._rows.add(columns)

    def finish(self) -> None:
        """Write what is left. The file gets its name on leaving, when others may be whole too."""
        with self._writing():
            self._rows.close()

    def __enter__(self) -> "RowWriter":
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if error is None:
                self.finish()
                with self._writing():
                    self._part.replace(self._path)
        finally:
            with suppress(Exception):
                self._rows.close()
            with suppress(OSError):
                self._part.unlink(missing_ok=True)

    def _writing(self) -> AbstractContextManager[None]:
        return writing(self._path, self._if_full)
