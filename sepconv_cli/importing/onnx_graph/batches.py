"""Where the batch stands in every tensor of a graph.

A file is of one batch size, 1 more often than not, so that the shapes don't tell. It starts as the
first axis of an input; operators carry it along, and reshapes may fold it into an axis (as windowed
attention does, batch times windows) and unfold it again.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import msgspec

from sepconv_cli.importing.reading import Layout

Shape = tuple[int, ...]


class Batch(msgspec.Struct, frozen=True):
    """The batch of `count` samples in an axis; `before` elements of that axis stand outside it.

    The axis is the batch alone where it is as long and nothing stands before.
    """

    axis: int
    count: int
    before: int = 1


class Tensor(msgspec.Struct, frozen=True):
    """The whole shape of a tensor, and its batch; None where it has none."""

    shape: Shape
    batch: Batch | None = None

    @property
    def layout(self) -> Layout:
        """The shape of one sample."""
        if self.batch is None:
            return Layout(self.shape, None)
        axis, count = self.batch.axis, self.batch.count
        length = self.shape[axis]
        if length == count and self.batch.before == 1:
            return Layout((*self.shape[:axis], *self.shape[axis + 1 :]), axis)
        return Layout((*self.shape[:axis], length // count, *self.shape[axis + 1 :]), None)


Moves = Callable[[Tensor, int, "Carried"], "int | None"]


class Carried(msgspec.Struct, frozen=True):
    """An operator that carries a batch along: its name, attributes, what arrives, what comes out.

    `inputs` are None where they are missing, `values` where they aren't known.
    """

    op: str
    attributes: dict[str, Any]
    inputs: tuple[Tensor | None, ...]
    values: tuple[Any, ...]
    y: Shape

    def ints(self, name: str, at: int) -> Sequence[int] | None:
        """A list of numbers that is an attribute, or an input at that place in later versions."""
        value = self.attributes.get(name)
        if value is None and at < len(self.values):
            value = self.values[at]
        return [value] if isinstance(value, int) else value


def carried(given: Carried) -> Batch | None:
    """The batch of an operator's first output; None where its inputs have none or it ends."""
    for at, x in enumerate(given.inputs):
        if x is not None and x.batch is not None:
            found = _reshaped(x, given.y) if given.op in _RESHAPES else _moved(x, x.batch, at, given)
            return found or _first(x.batch, given.y)
    return None


def _moved(x: Tensor, batch: Batch, at: int, given: Carried) -> Batch | None:
    """The batch on the axis that the operator moves it to, where that is as long as before."""
    axis = _MOVES.get(given.op, _stays)(x, at, given)
    if axis is None or not 0 <= axis < len(given.y) or given.y[axis] != x.shape[batch.axis]:
        return None
    return Batch(axis, batch.count, batch.before)


def _first(batch: Batch, y: Shape) -> Batch | None:
    """Where nobody can tell what became of it, it's the first axis if that is as long."""
    return Batch(0, batch.count) if y and y[0] == batch.count else None


def _reshaped(x: Tensor, y: Shape) -> Batch | None:
    """The axis of `y` that has the batch's elements, in the order of all elements."""
    if x.batch is None:
        return None
    count = x.batch.count
    outside = x.batch.before * prod(max(length, 1) for length in x.shape[: x.batch.axis])
    folded = None
    passed = 1
    for axis, length in enumerate(y):
        if passed == outside and length == count:
            return Batch(axis, count)
        within = outside % passed == 0 and passed * length % (outside * count) == 0
        if folded is None and within and length:
            folded = Batch(axis, count, outside // passed)
        passed *= max(length, 1)
    return folded


def _stays(x: Tensor, at: int, given: Carried) -> int | None:
    return x.batch.axis if x.batch else None


def _from_the_right(x: Tensor, at: int, given: Carried) -> int | None:
    return x.batch.axis + len(given.y) - len(x.shape) if x.batch else None


def _transposed(x: Tensor, at: int, given: Carried) -> int | None:
    order = given.ints("perm", 99) or tuple(reversed(range(len(x.shape))))
    return list(order).index(x.batch.axis) if x.batch else None


def _unsqueezed(x: Tensor, at: int, given: Carried) -> int | None:
    new = {axis % len(given.y) for axis in given.ints("axes", 1) or ()}
    kept = [axis for axis in range(len(given.y)) if axis not in new]
    return kept[x.batch.axis] if x.batch else None


def _without(x: Tensor, at: int, given: Carried) -> int | None:
    """Axes that go; all of length 1 where none is named, so that the batch may, too."""
    rank = len(x.shape)
    gone = {axis % rank for axis in given.ints("axes", 1) or ()}
    if x.batch is None or x.batch.axis in gone:
        return None
    return x.batch.axis - sum(axis < x.batch.axis for axis in gone)


def _reduced(x: Tensor, at: int, given: Carried) -> int | None:
    return _stays(x, at, given) if given.attributes.get("keepdims", 1) else _without(x, at, given)


def _found(x: Tensor, at: int, given: Carried) -> int | None:
    """ArgMax and ArgMin name one axis, 0 where they don't."""
    axis = given.attributes.get("axis", 0)
    return _reduced(x, at, msgspec.structs.replace(given, attributes={**given.attributes, "axes": [axis]}))


def _gathered(x: Tensor, at: int, given: Carried) -> int | None:
    data, indices = given.inputs[:2]
    if data is None or indices is None or x.batch is None:
        return None
    axis = given.attributes.get("axis", 0) % max(len(data.shape), 1)
    if at == 1:
        return axis + x.batch.axis
    more = len(indices.shape) - 1 if x.batch.axis > axis else 0
    return x.batch.axis + more if x.batch.axis != axis else None


def _recurrent(x: Tensor, at: int, given: Carried) -> int | None:
    """Sequences are length, batch, features, or batch first; a direction's axis comes in."""
    return 0 if given.attributes.get("layout", 0) else 2


_RESHAPES = frozenset({"Reshape", "Flatten"})
_ELEMENTWISE = ("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "Where", "Expand", "PRelu", "MatMul",
                "Mod", "And", "Or", "Xor", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual")  # fmt: skip
_REDUCTIONS = ("Mean", "Sum", "Max", "Min", "L1", "L2", "SumSquare", "LogSum", "LogSumExp", "Prod")
_MOVES: dict[str, Callable[[Tensor, int, Carried], int | None]] = {
    **dict.fromkeys(_ELEMENTWISE, _from_the_right),
    **{f"Reduce{each}": _reduced for each in _REDUCTIONS},
    **dict.fromkeys(("ArgMax", "ArgMin"), _found),
    **dict.fromkeys(("LSTM", "GRU", "RNN"), _recurrent),
    "Transpose": _transposed,
    "Unsqueeze": _unsqueezed,
    "Squeeze": _without,
    "Gather": _gathered,
}
