"""Sums, products and means of tensors."""

from collections.abc import Callable
from typing import Any

from sepconv_cli.importing.onnx_ops._node import Node

Reader = Callable[[Node], "int | list[int]"]


def _two(function: str) -> Reader:
    """Two tensors element by element; or one and a number, or one and a learned tensor."""

    def read(r: Node) -> int | list[int]:
        left, right = map(r.operand, r.inputs)
        return r.as_torch(function, input=left, other=right)

    return read


def _several(function: str, op: str) -> Reader:
    """Any number of tensors; one is handed on."""

    def read(r: Node) -> int | list[int]:
        if len(r.inputs) == 1:
            return r.same()
        if len(r.inputs) == 2:
            return _two(function)(r)
        return r.emit(op, *r.inputs, y=r.y)

    return read


def _mean(r: Node) -> int | list[int]:
    at = r.emit("add", *r.inputs) if len(r.inputs) > 1 else r.same()
    return r.emit("affine", at, scale=1 / len(r.inputs), y=r.y) if len(r.inputs) > 1 else at


def _power(r: Node) -> int | list[int]:
    exponent = r.operand(r["exponent"])
    return r.as_torch("pow", input=r["input"], exponent=exponent)


def _reduce(function: str) -> Reader:
    def read(r: Node) -> int | list[int]:
        axes = r.ints("axes")
        if not axes and r.get("noop_with_empty_axes", 0):
            return r.same()
        return r.as_torch(
            function, input=r["input"], dim=axes or None, keepdim=bool(r.get("keepdims", 1))
        )

    return read


_REDUCE = ("input", "axes")

READERS: dict[str, tuple[tuple[str, ...], Any]] = {
    "Add": ((), _two("add")),
    "Sub": ((), _two("sub")),
    "Mul": ((), _two("mul")),
    "Div": ((), _two("div")),
    "Max": ((), _several("maximum", "maximum")),
    "Min": ((), _several("minimum", "minimum")),
    "Sum": ((), _several("add", "add")),
    "Mean": ((), _mean),
    "Pow": (("input", "exponent"), _power),
    "ReduceMean": (_REDUCE, _reduce("mean")),
    "ReduceSum": (_REDUCE, _reduce("sum")),
    "ReduceMax": (_REDUCE, _reduce("amax")),
    "ReduceMin": (_REDUCE, _reduce("amin")),
}
