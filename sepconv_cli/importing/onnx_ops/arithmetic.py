"""Sums, products and means of tensors."""

from typing import Any

from sepconv_cli.importing.functions.einsum import einsum
from sepconv_cli.importing.onnx_ops._node import NodeReader, NodeReading
from sepconv_cli.importing.reading import Unreadable


def _two(function: str) -> NodeReader:
    """Two tensors element by element; or one and a number, or one and a learned tensor."""

    def read(r: NodeReading) -> int | list[int]:
        left, right = map(r.operand, r.inputs)
        return r.as_torch(function, input=left, other=right)

    return read


def _several(function: str, op: str, bound: str) -> NodeReader:
    """Any number of tensors; one is handed on, and one beside a number is cut there."""

    def read(r: NodeReading) -> int | list[int]:
        if len(r.inputs) == 1:
            return r.same()
        if len(r.inputs) == 2:
            numbers = [each for each in map(r.operand, r.inputs) if isinstance(each, float)]
            if numbers and bound:
                return r.as_torch("clamp", input=r.moving(), **{bound: numbers[0]})
            return _two(function)(r)
        return r.emit(op, *r.inputs, y=r.y)

    return read


def _mean(r: NodeReading) -> int | list[int]:
    at = r.emit("add", *r.inputs) if len(r.inputs) > 1 else r.same()
    return r.emit("affine", at, scale=1 / len(r.inputs), y=r.y) if len(r.inputs) > 1 else at


def _power(r: NodeReading) -> int | list[int]:
    exponent = r.operand(r["exponent"])
    return r.as_torch("pow", input=r["input"], exponent=exponent)


def _reduce(function: str) -> NodeReader:
    def read(r: NodeReading) -> int | list[int]:
        axes = r.ints("axes")
        if not axes and r.get("noop_with_empty_axes", 0):
            return r.same()
        return r.as_torch(
            function, input=r["input"], dim=axes or None, keepdim=bool(r.get("keepdims", 1))
        )

    return read


def _sum(function: str, before: str = "", after: str = "", **fields: Any) -> NodeReader:
    """A sum over axes, of what an op makes of the elements, and what another makes of it."""

    def read(r: NodeReading) -> int:
        axes = sorted({_axis(r, dim) for dim in r.ints("axes") or range(r.x.rank)})
        at = r.emit(before, r["input"], **fields) if before else r.source(r["input"])
        at = r.emit("reduce", at, function=function, axes=tuple(axes))
        return r.shaped(r.emit(after, at) if after else at)

    return read


def _axis(r: NodeReading, dim: int) -> int:
    axis = r.x.axis(dim)
    if axis is None:
        raise Unreadable("over the batch")
    return axis


def _einsum(r: NodeReading) -> int:
    return einsum(r, r["equation"], r.inputs)


def _length(r: NodeReading) -> int:
    """x / |x|, along an axis."""
    if r.get("p", 2) != 2:
        raise Unreadable("another length than the usual one")
    axes = (_axis(r, r.get("axis", -1)),)
    at = r.emit("reduce", r["input"], function="norm", axes=axes)
    return r.emit("divide", r["input"], at, y=r.y)


_REDUCE = ("input", "axes")

ARITHMETIC_NODES: dict[str, tuple[tuple[str, ...], Any]] = {
    "Add": ((), _two("add")),
    "Sub": ((), _two("sub")),
    "Mul": ((), _two("mul")),
    "Div": ((), _two("div")),
    "Max": ((), _several("maximum", "maximum", "min")),
    "Min": ((), _several("minimum", "minimum", "max")),
    "Sum": ((), _several("add", "add", "")),
    "Mean": ((), _mean),
    "Pow": (("input", "exponent"), _power),
    "ReduceMean": (_REDUCE, _reduce("mean")),
    "ReduceSum": (_REDUCE, _reduce("sum")),
    "ReduceMax": (_REDUCE, _reduce("amax")),
    "ReduceMin": (_REDUCE, _reduce("amin")),
    "ReduceL1": (_REDUCE, _sum("sum", "absolute")),
    "ReduceL2": (_REDUCE, _sum("norm")),
    "ReduceSumSquare": (_REDUCE, _sum("sum", "power", exponent=2.0)),
    "ReduceLogSum": (_REDUCE, _sum("sum", after="log")),
    "ReduceLogSumExp": (_REDUCE, _sum("sum", "exp", "log")),
    "Einsum": ((), _einsum),
    "LpNormalization": (_REDUCE[:1], _length),
}
