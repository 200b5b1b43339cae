"""Byte streams -> documents: the text of one spec each, with its place in its source.

Everything is read as a stream: a source may be larger than memory, a single spec may not. What
a document says is not looked at here.
"""

import tarfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO

import msgspec

from sepconv_cli.batch.stream import Stream
from sepconv_cli.batch.streams import readable
from sepconv_cli.language.source import MAX_BYTES
from sepconv_cli.library.find import is_spec

Text = tuple[int, bytes]
"""The number of a text's first line, from 1, and the text."""

_TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_LINES = (".jsonl", ".ndjson")
_MARKERS = (b"---", b"...")


class Document(msgspec.Struct, frozen=True):
    """One spec, not yet read. `number` counts from 1 in its source, `line` is its first line there.

    `problem` says why there is no text. `share` is the part of its source that it makes up.
    """

    source: str
    number: int
    raw: bytes
    line: int = 1
    problem: str | None = None
    share: float = 1.0


Mine = Callable[[], bool]
"""Whether the next thing to be dealt out is this shard's."""


def documents(source: Stream, mine: Mine = lambda: True) -> Iterator[Document]:
    """The documents of one source. What can't be read is a document with a problem.

    Lines and archive members are dealt out to shards one by one, other files as a whole.
    """
    lower = source.name.lower()
    is_many = lower.endswith(_TARS) or lower.endswith(_LINES)
    if not is_many and not mine():
        return
    number = 0
    try:
        with source.open() as file:
            if lower.endswith(_TARS):
                found = _members(source, file, mine)
            else:
                found = _lines(source, file, mine) if is_many else _texts(source, file)
            for document in found:
                number = document.number
                yield document
    except Exception as error:  # archives, and what fsspec reads from, raise what they like
        yield Document(source.name, number + 1, b"", problem=_reason(error))


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, IsADirectoryError):
        return "a directory, not a spec"
    return f"can't be read: {getattr(error, 'strerror', None) or error}"


def _texts(source: Stream, file: IO[bytes]) -> Iterator[Document]:
    """The documents of a YAML file."""
    head = file.read(MAX_BYTES + 1)
    if len(head) <= MAX_BYTES and not any(marker in head for marker in _MARKERS):
        yield Document(source.name, 1, head)
        return
    size = len(head) if len(head) <= MAX_BYTES else source.size()
    for number, (line, raw) in enumerate(texts_of(_bounded(head, file)), 1):
        yield Document(source.name, number, raw, line, share=_share(len(raw), size))


def _lines(source: Stream, file: IO[bytes], mine: Mine) -> Iterator[Document]:
    """A document for each line that isn't blank."""
    size = source.size()
    number = 0
    for line, raw in _whole(_bounded(b"", file)):
        if raw.strip():
            number += 1
            if mine():
                yield Document(source.name, number, raw, line, share=_share(len(raw), size))


def _members(source: Stream, file: IO[bytes], mine: Mine) -> Iterator[Document]:
    """The documents of every spec in an archive, which is read as it streams by."""
    size = source.size()
    with tarfile.open(fileobj=file, mode="r|*") as archive:
        for member in archive:
            if not (member.isfile() and is_spec(member.name) and mine()):
                continue
            stream = archive.extractfile(member)
            assert stream is not None
            inside = Stream(readable(f"{source.name}:{member.name}"), lambda stream=stream: stream)  # type: ignore[misc]
            for document in _texts(inside, stream):
                yield msgspec.structs.replace(document, share=_share(member.size, size))
            # The archive keeps every member that it has seen; nobody asks for them again.
            archive.members.clear()  # type: ignore[attr-defined]


def _share(length: int, size: int | None) -> float:
    return min(1.0, length / size) if size else 0.0


def _bounded(head: bytes, file: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream; one too long to be a spec comes in pieces."""
    lines = head.splitlines(keepends=True) if b"\r" not in head else _newlines(head)
    if lines and not lines[-1].endswith(b"\n"):
        lines[-1] += file.readline(MAX_BYTES)
    yield from lines
    while piece := file.readline(MAX_BYTES):
        yield piece


def _newlines(text: bytes) -> list[bytes]:
    """Cut at newlines alone, as a file's own lines are."""
    *whole, last = text.split(b"\n")
    return [*(line + b"\n" for line in whole), *([last] if last else [])]


def _whole(pieces: Iterable[bytes]) -> Iterator[Text]:
    """Lines with their numbers; of one that is too long, only what shows that it is."""
    number, line = 1, b""
    for piece in pieces:
        line = line + piece if len(line) <= MAX_BYTES else line
        if piece.endswith(b"\n"):
            yield number, line
            number, line = number + 1, b""
    if line:
        yield number, line


def texts_of(pieces: Iterable[bytes]) -> Iterator[Text]:
    """The documents of a YAML stream; one that is blank is none, unless nothing else is there.

    A line that starts with `---` or `...` is a mark wherever it stands, even in quotes
    (YAML 1.1, 9.1), so that a stream can be cut without being parsed.
    """
    found = 0
    text = _Text(1)
    for number, line in _whole(pieces):
        mark = line[:3] if line[:3] in _MARKERS and not line[3:4].strip() else b""
        if mark == b"---" and (text.begun or text.marked):
            if text.begun:
                found += 1
                yield text.ended
            text = _Text(number)
        text.add(line, mark)
        if mark == b"...":
            if text.begun:
                found += 1
                yield text.ended
            text = _Text(number + 1)
    if text.begun or not found:
        yield text.ended


class _Text:
    """A document as its lines arrive."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.begun = False
        self.marked = False
        self._lines: list[bytes] = []
        self._size = 0

    def add(self, line: bytes, mark: bytes) -> None:
        content = line[3:].strip() if mark else line.strip()
        self.marked = self.marked or mark == b"---"
        self.begun = self.begun or (bool(content) and content[:1] not in (b"#", b"%"))
        if self._size <= MAX_BYTES:
            self._lines.append(line)
            self._size += len(line)

    @property
    def ended(self) -> Text:
        return self.first, b"".join(self._lines)
