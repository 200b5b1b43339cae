"""Vectors that are looked up, and what is written into part of a tensor."""

from collections.abc import Iterator, Sequence
from typing import Any

from sepconv_cli.importing.reading import Layout, Readers, Reading, Unreadable
from sepconv_cli.importing.tape import Ref, Weight

IndexSpan = tuple[int, int, int]
"""An axis of a sample, and the first and the last but one position on it."""


def _embedding(r: Reading) -> int:
    """A vector for each index; the op puts vectors along the channels."""
    count, length = r.layout(r["weight"]).dims
    at = r.source(r["input"])
    if r.state.shape(at).size:
        at = r.emit("flatten", at)
    held = [r.held(r["weight"])]
    at = r.emit("embedding", at, num_embeddings=count, embedding_dim=length, held=held)
    at = r.emit("permute", at, axes=(1, 0))
    if r.state.shape(at) == r.y.tensor:
        return at
    return r.emit("reshape", at, shape=r.y.dims, y=r.y)


def _set_item(r: Reading) -> int:
    """What stands around the part, with the new values in between."""
    if not isinstance(r["value"], (Ref, Weight)):
        raise Unreadable("a number that is written")
    spans = list(_spans(r.x, r["index"]))
    shape = list(r.x.dims)
    for axis, start, stop in spans:
        shape[axis] = stop - start
    value = _as_shape(r, r.source(r["value"]), shape)
    return _put(r, r.source(r["input"]), spans, value) if spans else value


def _put(r: Reading, at: int, spans: Sequence[IndexSpan], value: int) -> int:
    """A step's output with the value on these positions."""
    if not spans:
        return value
    axis, start, stop = spans[0]
    length = r.state.shape(at).axes[axis]

    def part(first: int, last: int) -> int:
        return r.emit("slice", at, axis=axis, start=first, stop=last)

    before = [part(0, start)] if start else []
    middle = _put(r, part(start, stop), spans[1:], value) if spans[1:] else value
    after = [part(stop, length)] if stop < length else []
    return r.emit("concat", *before, middle, *after, axis=axis)


def _spans(x: Layout, index: Any) -> Iterator[IndexSpan]:
    """The axes of which only a part is meant. Raises Unreadable."""
    given = index if isinstance(index, tuple) else (index,)
    if not all(isinstance(each, (int, slice, type(...))) for each in given):
        raise Unreadable("an index that is a tensor")
    dim = 0
    for each in given:
        if each is ...:
            dim += x.rank - len(given) + 1
            continue
        axis, dim = x.axis(dim), dim + 1
        if axis is None:
            if each not in (0, slice(None), slice(0, 1)):
                raise Unreadable("part of the batch")
            continue
        length = x.dims[axis]
        start, stop, step = _positions(each, length)
        if step != 1:
            raise Unreadable("positions apart from each other")
        if (start, stop) != (0, length):
            yield axis, start, stop


def _positions(index: int | slice, length: int) -> tuple[int, int, int]:
    if isinstance(index, int):
        return index % length, index % length + 1, 1
    return index.indices(length)


def _as_shape(r: Reading, at: int, shape: Sequence[int]) -> int:
    """A step's output in a shape of as many elements, or taken along it."""
    found = r.state.shape(at)
    wanted = Layout(tuple(shape), 0).tensor
    if found == wanted:
        return at
    if found.elements == wanted.elements:
        return r.emit("reshape", at, shape=wanted.axes)
    lead = (1,) * (len(wanted.axes) - len(found.axes))
    at = r.emit("reshape", at, shape=(*lead, *found.axes)) if lead else at
    return r.emit("expand", at, shape=wanted.axes)


def _copy(r: Reading) -> int:
    return _as_shape(r, r.source(r["src"]), r.y.dims)


INDEXING_READERS: Readers = {
    "embedding": (("input", "weight"), _embedding),
    "__setitem__": (("input", "index", "value"), _set_item),
    "copy": (("input", "src"), _copy),
}
