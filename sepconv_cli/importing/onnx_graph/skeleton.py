"""An ONNX file without the values of its weights, which are never read.

A file is a protobuf message: fields, each a tag and its content; a message within is a field with
a length. So a weight's values can be stepped over. What is left is small, however large the file.
https://protobuf.dev/programming-guides/encoding and onnx/onnx.proto of the ONNX project.
"""

import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path
from stat import S_ISREG
from typing import Any

from sepconv_cli.errors import UsageError

SMALL = 64 * 1024
"""Messages up to so many bytes stay as they are: shapes are worked out from what they hold."""

MAX_GRAPH_NODES = 100_000
MAX_GRAPH_PARTS = 1_000_000
MAX_KEPT = 256 * 1024**2

# As many as protobuf itself takes.
_DEEPEST = 100

# Which fields of a message are worth looking into, and with what names inside. A tensor's values
# are the fields None.
_TENSOR: dict[int, Any] = dict.fromkeys((4, 5, 6, 7, 9, 10, 11))
_ATTRIBUTE: dict[int, Any] = {5: _TENSOR, 10: _TENSOR}
_NODE: dict[int, Any] = {5: _ATTRIBUTE}
_SPARSE: dict[int, Any] = {1: _TENSOR, 2: _TENSOR}
_GRAPH: dict[int, Any] = {1: _NODE, 5: _TENSOR, 15: _SPARSE}
_ATTRIBUTE |= {6: _GRAPH, 11: _GRAPH, 22: _SPARSE, 23: _SPARSE}
_FUNCTION: dict[int, Any] = {7: _NODE}
# Training is nobody's question here.
_MODEL: dict[int, Any] = {7: _GRAPH, 20: None, 25: _FUNCTION}


def skeleton(path: Path) -> bytes:
    """The bytes of the model without large tensors' values. Raises UsageError."""
    try:
        about = path.stat()
        if not S_ISREG(about.st_mode):
            raise UsageError(f"{path} is no file")
        if not about.st_size:
            raise UsageError(f"{path} is empty")
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            return _Scan(view, path).kept(0, len(view), _MODEL)
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}") from None


class _Scan:
    """Steps through a file's fields, within bounds."""

    def __init__(self, view: Any, path: Path) -> None:
        self._view, self._path = view, path
        self._parts = self._nodes = self._size = 0

    def kept(self, start: int, end: int, inside: Mapping[int, Any], depth: int = 0) -> bytes:
        """A message's bytes without those of large tensors' values."""
        if depth > _DEEPEST:
            raise self._refused("has too many graphs inside each other")
        found: list[bytes] = []
        since = start
        for number, begin, content, stop in self._fields(start, end):
            self._nodes += inside is _GRAPH and number == 1
            if stop - begin <= SMALL or number not in inside:
                continue
            found.append(self._copied(since, begin))
            since = stop
            if inside[number] is not None:
                body = self.kept(content, stop, inside[number], depth + 1)
                found.append(_varint(number << 3 | 2) + _varint(len(body)) + body)
        found.append(self._copied(since, end))
        return b"".join(found)

    def _copied(self, start: int, end: int) -> bytes:
        self._size += end - start
        if self._size > MAX_KEPT:
            raise self._refused(f"holds more than {MAX_KEPT // 1024**2} MB beside its weights")
        return bytes(self._view[start:end])

    def _fields(self, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
        """Each field's number, where it begins, where its content begins, and its end."""
        at = start
        while at < end:
            tag, content = self._number(at, end)
            wire = tag & 7
            if wire == 0:
                _, stop = self._number(content, end)
            elif wire == 2:
                length, content = self._number(content, end)
                stop = content + length
            elif wire in (1, 5):
                stop = content + (8 if wire == 1 else 4)
            else:
                raise self._refused("isn't an ONNX file")
            if stop > end:
                raise self._refused("is cut short, or isn't an ONNX file")
            self._counted()
            yield tag >> 3, at, content, stop
            at = stop

    def _counted(self) -> None:
        self._parts += 1
        if self._nodes > MAX_GRAPH_NODES:
            raise self._refused(f"has more than {MAX_GRAPH_NODES:,} nodes")
        if self._parts > MAX_GRAPH_PARTS:
            raise self._refused(f"has more than {MAX_GRAPH_PARTS:,} parts")

    def _number(self, at: int, end: int) -> tuple[int, int]:
        """A number of as many bytes as it needs, seven bits in each; and where it ends."""
        found = shift = 0
        while at < end and shift < 70:
            byte = self._view[at]
            found |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
            if byte < 128:
                return found, at
        raise self._refused("is cut short, or isn't an ONNX file")

    def _refused(self, message: str) -> UsageError:
        return UsageError(f"{self._path} {message}")


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])
