"""What has been counted, on disk: one SQLite file.

While a run lasts it stands beside the output, where `--resume` finds it; when the run is over it
moves to the user's cache, where the next run with the same output finds what hasn't changed. An
outcome is named by all that it depends on, so that one that is found is right; it carries a
checksum, so that a damaged one is none.
"""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from hashlib import blake2b, sha256
from pathlib import Path
from typing import NamedTuple

from sepconv_cli.batch.deal import Entry
from sepconv_cli.errors import UsageError
from sepconv_cli.files.writer import writing

SUFFIX = ".partial"
KEPT = "what has been counted is kept: --resume goes on from there"
_TABLES = """
CREATE TABLE IF NOT EXISTS outcomes (name BLOB PRIMARY KEY, checksum BLOB, outcome BLOB);
DROP TABLE IF EXISTS documents;
CREATE TABLE documents
    (place INTEGER PRIMARY KEY, source TEXT, number INTEGER, line INTEGER, name BLOB);
"""
_EMPTY = "DROP TABLE IF EXISTS outcomes;"
_LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED")
_CANNOT = (*_LOCKED, "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")
_IN_ORDER = """
SELECT source, number, line, name, checksum, outcome
FROM documents LEFT JOIN outcomes USING (name) ORDER BY place
"""


class CountedSpec(NamedTuple):
    """Where a document stands, and what came of it, encoded."""

    source: str
    number: int
    line: int
    outcome: bytes


class Store:
    """Outcomes by their names, and the documents of one run with the names of theirs.

    Its methods raise sqlite3.Error.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def known(self, names: Sequence[bytes]) -> dict[bytes, bytes]:
        """The outcomes of those names, a few hundred at most, that are there and whole."""
        marks = ",".join("?" * len(names))
        query = f"SELECT name, checksum, outcome FROM outcomes WHERE name IN ({marks})"
        return {
            name: outcome
            for name, checksum, outcome in self.connection.execute(query, names)
            if _is_whole(name, checksum, outcome)
        }

    def add(self, entries: Sequence[Entry], outcomes: Sequence[bytes]) -> None:
        """Keep all of these outcomes and where they belong, or none of them."""
        rows = [
            (entry.name, _checksum(entry.name, outcome), outcome)
            for entry, outcome in zip(entries, outcomes, strict=True)
        ]
        with self.connection:
            self.connection.executemany("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?)", rows)
            self.connection.executemany(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?)", map(_row, entries)
            )

    def counted(self) -> Iterator[CountedSpec]:
        """Every document of the run with its outcome, in the order of their places.

        Raises sqlite3.DatabaseError for an outcome that was damaged since.
        """
        for source, number, line, name, checksum, outcome in self.connection.execute(_IN_ORDER):
            if not _is_whole(name, checksum, outcome):
                raise sqlite3.DatabaseError("an outcome is damaged")
            yield CountedSpec(source, number, line, outcome)


def _row(entry: Entry) -> tuple[int, str, int, int, bytes]:
    document = entry.document
    return entry.place, document.source, document.number, document.line, entry.name


def _checksum(name: bytes, outcome: bytes) -> bytes:
    return blake2b(outcome, digest_size=8, key=name).digest()


def _is_whole(name: bytes, checksum: object, outcome: object) -> bool:
    """Whether what was read is what was written; a damaged file may hold anything."""
    return isinstance(outcome, bytes) and checksum == _checksum(name, outcome)


def partial(output: Path) -> Path:
    """Where the store of a run stands while it lasts."""
    return output.with_name(output.name + SUFFIX)


@contextmanager
def opened(file: Path, resume: bool) -> Iterator[Store]:
    """The store in a file for this process alone, as it is where `resume`, else empty.

    Raises UsageError where another run has it, or where it can't be used. One that nothing was
    added to is not left behind.
    """
    with writing(file, if_full=KEPT):
        file.touch()
    with explained(file), closing(_begun(file, resume)) as connection:
        try:
            yield Store(connection)
        finally:
            with suppress(sqlite3.Error):
                is_empty = not connection.execute("SELECT 1 FROM outcomes").fetchone()
                connection.execute("PRAGMA journal_mode=DELETE")
                if is_empty:
                    remove(file)


def _begun(file: Path, resume: bool) -> sqlite3.Connection:
    try:
        return _locked(file, resume)
    except sqlite3.DatabaseError as error:
        if resume or _name(error).startswith(_CANNOT):
            raise
    remove(file)  # which is no store
    return _locked(file, resume)


def _locked(file: Path, resume: bool) -> sqlite3.Connection:
    """A connection that nobody else can have as long as it lasts, however it ends."""
    uri = file.absolute().as_uri()
    try:
        return _connected(uri, resume)
    except sqlite3.OperationalError as error:
        if not (_name(error).startswith("SQLITE_IOERR") and _name(error).endswith("LOCK")):
            raise
        return _connected(f"{uri}?nolock=1", resume)  # a file system without locks


def _connected(uri: str, resume: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=0)
    try:
        # With a log the file stays whole however the process or the machine stops, and a chunk
        # needn't wait until it is on the disk.
        for setting in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {setting}").fetchall()
        connection.executescript(f"BEGIN EXCLUSIVE; {'' if resume else _EMPTY} {_TABLES} COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def previous(output: Path) -> Iterator[Store | None]:
    """The store of the last run with this output that finished, if there is one."""
    try:
        connection = sqlite3.connect(f"{_cached(output).as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        yield None
        return
    with closing(connection):
        yield Store(connection)


def hand_on(file: Path, output: Path) -> None:
    """Leave the store of a finished run to the next one. A cache that can't be written is
    done without."""
    cached = _cached(output)
    half = cached.with_suffix(f".{os.getpid()}.half")
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(file, half)
        half.replace(cached)
    except OSError:
        with suppress(OSError):
            half.unlink(missing_ok=True)
            remove(file)


def _cached(output: Path) -> Path:
    from platformdirs import user_cache_path

    name = sha256(str(output.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return user_cache_path("sepconv").absolute() / "batch" / f"{name}.sqlite"


def remove(file: Path) -> None:
    """Take a store away, first what is still in its log."""
    for path in (file.with_name(f"{file.name}-wal"), file):
        path.unlink(missing_ok=True)


@contextmanager
def explained(file: Path) -> Iterator[None]:
    """Say of a store what is wrong with it, in one line."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explanation(file, error) from error


def _explanation(file: Path, error: sqlite3.Error) -> UsageError:
    name = _name(error)
    if name.startswith(_LOCKED):
        other = f"another run is writing {file.name.removesuffix(SUFFIX)}"
        return UsageError(other, "wait for it, or write to another file")
    if name.startswith(_CANNOT):
        reason = os.strerror(errno.ENOSPC) if name == "SQLITE_FULL" else str(error)
        return UsageError(f"{file}: can't be written: {reason}", KEPT)
    return UsageError(f"{file} is damaged: {error}", "without --resume the run begins anew")


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", "")
