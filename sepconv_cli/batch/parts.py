"""What has been counted so far, on disk: one file for each chunk, whole or not there.

A part is named by its content, the job and the program, so that one that is found is right. It
starts with a checksum: a damaged part is no part.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from sepconv_cli.batch.deal import Chunk
from sepconv_cli.errors import UsageError

SUFFIX = ".parts"
_CHECKSUM = 32


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """What came of one document: its place, the name of its outcome, and that outcome, encoded."""

    source: str
    number: int
    line: int
    name: str
    outcome: bytes


class Parts:
    """The parts of one run in their folder, beside the output."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, name: str) -> list[Entry] | None:
        """The part of that name; None where there is none, or a damaged one."""
        try:
            raw = (self.folder / name).read_bytes()
        except OSError:
            return None
        body = memoryview(raw)[_CHECKSUM:]
        if sha256(body).digest() != raw[:_CHECKSUM]:
            return None
        try:
            return msgspec.msgpack.decode(body, type=list[Entry])
        except msgspec.MsgspecError:
            return None

    def store(self, chunk: Chunk, outcomes: list[bytes]) -> None:
        """Write a part whole or not at all. Raises UsageError where that can't be done."""
        entries = [
            Entry(document.source, document.number, document.line, name, outcome)
            for document, name, outcome in zip(chunk.documents, chunk.names, outcomes, strict=True)
        ]
        body = msgspec.msgpack.encode(entries)
        path = self.folder / chunk.name
        half = path.with_suffix(".half")
        with writing(path):
            try:
                half.write_bytes(sha256(body).digest() + body)
                half.replace(path)
            except OSError:
                with suppress(OSError):
                    half.unlink()
                raise

    def names(self) -> list[str]:
        """The parts that are there."""
        return [path.name for path in self.folder.iterdir() if not path.suffix]

    def remove(self) -> None:
        """Take the folder away, with all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def opened(folder: Path, resume: bool) -> Iterator[Parts]:
    """The parts in a folder, kept where `resume`, else begun anew, for this process alone.

    Raises UsageError where another run has it, or where it can't be written.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "run.lock", os.O_RDWR | os.O_CREAT)
    try:
        _lock(lock, folder)
        with writing(folder):
            for path in folder.iterdir():
                if path.suffix != ".lock" and not (resume and not path.suffix):
                    path.unlink()
        yield from _kept(Parts(folder))
    finally:
        os.close(lock)


def _kept(parts: Parts) -> Iterator[Parts]:
    """The parts, and no folder left behind without any."""
    try:
        yield parts
    finally:
        if parts.folder.is_dir() and not parts.names():
            parts.remove()


def _lock(handle: int, folder: Path) -> None:
    """The lock goes with the process, however that ends."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        hint = "wait for it, or write to another file"
        raise UsageError(
            f"another run is writing {folder.name.removesuffix(SUFFIX)}", hint
        ) from error
    except OSError:
        return  # a file system without locks


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say which file it was that couldn't be written, and that nothing is lost."""
    try:
        yield
    except OSError as error:
        hint = "what has been counted is kept: --resume goes on from there"
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO)
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise UsageError(f"{path}: can't be written: {reason}", hint if full else None) from error
