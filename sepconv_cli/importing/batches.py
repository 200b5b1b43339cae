"""Where the batch stands in every tensor of a graph.

A file is of one batch size, 1 more often than not, so that the shapes don't tell. It starts as the
first axis of an input; operators carry it along, and reshapes may fold it into an axis (as windowed
attention does, batch times windows) and unfold it again.
"""

from collections.abc import Callable
from math import prod
from typing import Any

import msgspec

from sepconv_cli.importing.reading import Layout
from sepconv_cli.importing.samples import WholeShape


class BatchAxis(msgspec.Struct, frozen=True):
    """The batch of `count` samples in an axis; `before` elements of that axis stand outside it.

    The axis is the batch alone where it is as long and nothing stands before.
    """

    axis: int
    count: int
    before: int = 1


class GraphTensor(msgspec.Struct, frozen=True):
    """The whole shape of a tensor, and its batch; None where it has none."""

    shape: WholeShape
    batch: BatchAxis | None = None

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


class Carried(msgspec.Struct, frozen=True):
    """An operator that carries a batch along: its name, attributes, what arrives, what comes out.

    `inputs` are None where they are missing, `values` where they aren't known.
    """

    op: str
    attributes: dict[str, Any]
    inputs: tuple[GraphTensor | None, ...]
    values: tuple[Any, ...]
    y: WholeShape

    def axes(self) -> set[int]:
        """The axes that it names, in an attribute or, in later versions, its second input."""
        named = self.attributes.get("axes")
        if named is None and len(self.values) > 1:
            named = self.values[1]
        return {named} if isinstance(named, int) else set(named or ())


class Arrival(msgspec.Struct, frozen=True):
    """One of the inputs of an operator, the one in the place `at`, and the axis of its batch."""

    given: Carried
    at: int
    x: GraphTensor
    batch: BatchAxis

    @property
    def axis(self) -> int:
        """Where the batch is."""
        return self.batch.axis


def carried(given: Carried) -> BatchAxis | None:
    """The batch of an operator's first output; None where its inputs have none or it ends."""
    for at, x in enumerate(given.inputs):
        if x is not None and x.batch is not None:
            arrival = Arrival(given, at, x, x.batch)
            found = _reshaped(arrival) if given.op in _RESHAPES else _moved(arrival)
            return found or _first(x.batch, given.y)
    return None


def _moved(a: Arrival) -> BatchAxis | None:
    """The batch on the axis that the operator moves it to, where that is as long as before."""
    try:
        axis = _MOVES.get(a.given.op, _stays)(a)
    except (IndexError, TypeError, ValueError):
        return None
    y = a.given.y
    if axis is None or not 0 <= axis < len(y) or y[axis] != a.x.shape[a.axis]:
        return None
    return BatchAxis(axis, a.batch.count, a.batch.before)


def _first(batch: BatchAxis, y: WholeShape) -> BatchAxis | None:
    """Where nobody can tell what became of it, it's the first axis if that is as long."""
    return BatchAxis(0, batch.count) if y and y[0] == batch.count else None


def _reshaped(a: Arrival) -> BatchAxis | None:
    """The axis of what comes out that has the batch's elements, in the order of all elements."""
    count = a.batch.count
    outside = a.batch.before * prod(max(length, 1) for length in a.x.shape[: a.axis])
    # A single sample may be in several, and is taken to stand outside an axis that isn't the last:
    # length x batch x features as length x (batch x heads) x features of a head.
    folded = None
    passed = 1
    for axis, length in enumerate(a.given.y):
        if passed == outside and length == count:
            return BatchAxis(axis, count)
        within = outside % passed == 0 and passed * length % (outside * count) == 0
        if within and length and (folded is None or axis < len(a.given.y) - 1):
            folded = BatchAxis(axis, count, outside // passed)
        passed *= max(length, 1)
    return folded


def _stays(a: Arrival) -> int | None:
    return a.axis


def _from_the_right(a: Arrival) -> int | None:
    return a.axis + len(a.given.y) - len(a.x.shape)


def _transposed(a: Arrival) -> int | None:
    order = a.given.attributes.get("perm") or range(len(a.x.shape))[::-1]
    return list(order).index(a.axis)


def _unsqueezed(a: Arrival) -> int | None:
    rank = len(a.given.y)
    new = {axis % rank for axis in a.given.axes()}
    return [axis for axis in range(rank) if axis not in new][a.axis]


def _squeezed(a: Arrival) -> int | None:
    return _without(a, a.given.axes())


def _without(a: Arrival, axes: set[int]) -> int | None:
    """Some axes go."""
    gone = {axis % len(a.x.shape) for axis in axes}
    return None if a.axis in gone else a.axis - sum(axis < a.axis for axis in gone)


def _reduced(a: Arrival) -> int | None:
    return a.axis if a.given.attributes.get("keepdims", 1) else _squeezed(a)


def _searched(a: Arrival) -> int | None:
    """ArgMax and ArgMin go along one axis, the first where they name none."""
    kept = a.given.attributes.get("keepdims", 1)
    return a.axis if kept else _without(a, {a.given.attributes.get("axis", 0)})


def _gathered(a: Arrival) -> int | None:
    data, indices = a.given.inputs[:2]
    if data is None or indices is None:
        return None
    axis = int(a.given.attributes.get("axis", 0)) % max(len(data.shape), 1)
    if a.at == 1:
        return axis + a.axis
    more = len(indices.shape) - 1 if a.axis > axis else 0
    return a.axis + more if a.axis != axis else None


def _recurrent(a: Arrival) -> int | None:
    """Sequences are length, batch, features, or batch first; a direction's axis comes in."""
    return 0 if a.given.attributes.get("layout", 0) else 2


_RESHAPES = frozenset({"Reshape", "Flatten"})
_ELEMENTWISE = ("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "Where", "Expand",
                "PRelu", "MatMul", "Mod", "And", "Or", "Xor", "Equal", "Greater", "GreaterOrEqual",
                "Less", "LessOrEqual")  # fmt: skip
_REDUCTIONS = ("Mean", "Sum", "Max", "Min", "L1", "L2", "SumSquare", "LogSum", "LogSumExp", "Prod")
_MOVES: dict[str, Callable[[Arrival], int | None]] = {
    **dict.fromkeys(_ELEMENTWISE, _from_the_right),
    **{f"Reduce{each}": _reduced for each in _REDUCTIONS},
    **dict.fromkeys(("ArgMax", "ArgMin"), _searched),
    **dict.fromkeys(("LSTM", "GRU", "RNN"), _recurrent),
    "Transpose": _transposed,
    "Unsqueeze": _unsqueezed,
    "Squeeze": _squeezed,
    "Gather": _gathered,
}
