"""The outcomes of the last run with the same output, so that an unchanged spec isn't counted again.

They lie in the user's cache folder, one SQLite file for each output, which is written anew by
every run that finishes. It is a cache: where it can't be read or written it is done without.
"""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from sepconv_cli.batch.deal import Chunk
from sepconv_cli.batch.job import digest_of
from sepconv_cli.batch.rows import Outcome

_TABLE = "CREATE TABLE outcomes (name TEXT PRIMARY KEY, outcome BLOB NOT NULL) WITHOUT ROWID"
_BATCH = 500


class Last:
    """What the last run found, and what this one will leave to the next."""

    def __init__(self, output: Path) -> None:
        self._path = _path(output)
        self._half = self._path.with_suffix(f".{os.getpid()}.half")
        self._known = _open(self._path)
        self._new: sqlite3.Connection | None = None
        self._held: list[tuple[str, bytes]] = []

    def outcomes(self, chunk: Chunk) -> dict[int, bytes]:
        """The outcomes that are known and still hold, by their index in the chunk."""
        if self._known is None:
            return {}
        marks = ",".join("?" * len(chunk.names))
        query = f"SELECT name, outcome FROM outcomes WHERE name IN ({marks})"
        try:
            known = dict(self._known.execute(query, chunk.names).fetchall())
        except sqlite3.Error:
            return {}
        return {
            index: known[name]
            for index, (name, document) in enumerate(zip(chunk.names, chunk.documents, strict=True))
            if name in known and holds(known[name], document.raw)
        }

    def begin(self) -> None:
        """Start what the next run will find."""
        try:
            self._half.parent.mkdir(parents=True, exist_ok=True)
            self._new = sqlite3.connect(self._half, isolation_level=None)
            self._new.execute("PRAGMA journal_mode=OFF")
            self._new.execute("PRAGMA synchronous=OFF")
            self._new.execute(_TABLE)
            self._new.execute("BEGIN")
        except (OSError, sqlite3.Error):
            self._give_up()

    def add(self, name: str, outcome: bytes) -> None:
        """Keep an outcome for the next run."""
        if self._new is not None:
            self._held.append((name, outcome))
            if len(self._held) >= _BATCH:
                self._write()

    def finish(self) -> None:
        """Leave to the next run what was added."""
        self._write()
        if self._new is None:
            return
        try:
            self._new.execute("COMMIT")
            self._new.close()
            self._half.replace(self._path)
        except (OSError, sqlite3.Error):
            self._give_up()

    def close(self) -> None:
        """Let go of both files; what wasn't finished is thrown away."""
        if self._known is not None:
            self._known.close()
        self._give_up()

    def _write(self) -> None:
        try:
            if self._new is not None:
                self._new.executemany("INSERT OR REPLACE INTO outcomes VALUES (?, ?)", self._held)
        except sqlite3.Error:
            self._give_up()
        self._held = []

    def _give_up(self) -> None:
        if self._new is not None:
            with suppress(sqlite3.Error):
                self._new.close()
        self._new = None
        with suppress(OSError):
            self._half.unlink(missing_ok=True)


def holds(outcome: bytes, raw: bytes) -> bool:
    """Whether an outcome of that text is still right: the files that it includes are the same."""
    if b"include" not in raw:
        return True
    found = msgspec.msgpack.decode(outcome, type=Outcome)
    return found.lasting and all(_current(item.file) == item.digest for item in found.included)


def all_hold(outcomes: Sequence[bytes], chunk: Chunk) -> bool:
    """Whether every outcome of a chunk is still right."""
    pairs = zip(outcomes, chunk.documents, strict=True)
    return all(holds(outcome, document.raw) for outcome, document in pairs)


def _current(file: str) -> str | None:
    try:
        return digest_of(Path(file).read_text("utf-8-sig").encode())
    except (OSError, ValueError):
        return None


def _path(output: Path) -> Path:
    from platformdirs import user_cache_path

    name = sha256(str(output.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return user_cache_path("sepconv") / "batch" / f"{name}.sqlite"


def _open(path: Path) -> sqlite3.Connection | None:
    if not path.is_file():
        return None
    try:
        return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return None
