"""Sums, products and means of tensors."""

from collections.abc import Callable
from typing import Any

from sepconv_cli.importing.reading import Layout, Readers, Reading, Unreadable, laid_beside
from sepconv_cli.importing.tape import Ref, Weight


def _merge(op: str) -> Callable[[Reading], int]:
    """Two tensors element by element; or one and a number, or one and a learned tensor."""

    def read(r: Reading) -> int:
        left, right = r["input"], r["other"]
        if not isinstance(right, (Ref, Weight)) or not isinstance(left, (Ref, Weight)):
            return _scalar(r, op, left, right)
        if r["alpha"] not in (None, 1):
            raise Unreadable("a factor of its own")
        return _joined(r, op, left, right, r.y)

    return read


def _joined(r: Reading, op: str, left: Any, right: Any, y: Layout) -> int:
    """Two tensors element by element, of which at least one depends on the input."""
    if r.is_constant(right):
        return _with_learned(r, op, left, right, y)
    if r.is_constant(left):
        return _with_learned(r, op, right, left, y, swapped=True)
    return r.emit(op, left, right, y=y)


def _add_product(r: Reading) -> int:
    """addcmul: a tensor and the product of two others."""
    if r.get("value", 1) != 1:
        raise Unreadable("a factor of its own")
    if r.is_constant(r["tensor1"]) and r.is_constant(r["tensor2"]):
        raise Unreadable("a product of constants")
    at = _joined(r, "multiply", r["tensor1"], r["tensor2"], r.y)
    return _joined(r, "add", r["input"], at, r.y)


def _scalar(r: Reading, op: str, left: Any, right: Any) -> int:
    swapped = not isinstance(left, (Ref, Weight))
    x, number = (right, left) if swapped else (left, right)
    if not isinstance(number, (int, float)):
        raise Unreadable(f"{op} of {type(number).__name__}")
    fields: dict[str, Any] | None = {
        "add": {"shift": number},
        "subtract": {"scale": -1, "shift": number} if swapped else {"shift": -number},
        "multiply": {"scale": number},
    }.get(op)
    if op == "divide" and not swapped:
        fields = {"scale": 1 / number}
    if op == "divide" and swapped:
        at = r.emit("power", x, exponent=-1)
        return at if number == 1 else r.emit("affine", at, scale=number, y=r.y)
    if fields is None:
        raise Unreadable(f"{op} with a number")
    return r.emit("affine", x, **fields, y=r.y)


def _with_learned(
    r: Reading, op: str, x: Any, constant: Any, y: Layout, swapped: bool = False
) -> int:
    """A tensor that doesn't depend on the input, learned or not, laid out beside one that does."""
    held = r.held(constant)
    of = r.layout(x)
    shape = laid_beside(of if of.rank >= y.rank else y, r.layout(constant)) or (1,)
    along = {"multiply": "learned_scale", "add": "learned_shift"}.get(op)
    own = held.learned and r.is_whole(constant) and not r.is_used_elsewhere(held)
    if along and own and of.dims == y.dims:
        return r.emit(along, x, shape=shape, held=[held], y=y)
    at = r.constant(constant, shape, x)
    inputs = (at, x) if swapped and op in ("subtract", "divide") else (x, at)
    return r.emit(op, *inputs, y=y)


def _matmul(r: Reading) -> int:
    """Of a flat sample and a matrix, each sample is a row of its own."""
    left, right = r["input"], r["other"]
    flat = not r.is_constant(left) and len(r.layout(left).dims) == 1 and r.layout(left).batch == 0
    if flat and r.is_constant(right) and len(r.layout(right).dims) == 2:
        row = r.emit("reshape", left, shape=(1, *r.layout(left).dims))
        matrix = r.constant(right, r.layout(right).dims, left)
        return r.emit("flatten", r.emit("matmul", row, matrix), y=r.y)
    return r.emit("matmul", r["input"], r["other"], y=r.y)


def _power(r: Reading) -> int:
    if not isinstance(r["exponent"], (int, float)):
        raise Unreadable("a power of tensors")
    return r.emit("power", r["input"], exponent=r["exponent"], y=r.y)


def _clamp(r: Reading) -> int:
    given = {name: r[name] for name in ("min", "max") if r[name] is not None}
    return r.emit("clamp", r["input"], **given, y=r.y)


_TWO = ("input", "other", "alpha")

ARITHMETIC_READERS: Readers = {
    "add": (_TWO, _merge("add")),
    "__add__": (_TWO, _merge("add")),
    "__radd__": (_TWO, _merge("add")),
    "sub": (_TWO, _merge("subtract")),
    "__sub__": (_TWO, _merge("subtract")),
    "__rsub__": (("other", "input"), _merge("subtract")),
    "rsub": (("other", "input"), _merge("subtract")),
    "mul": (_TWO, _merge("multiply")),
    "__mul__": (_TWO, _merge("multiply")),
    "__rmul__": (_TWO, _merge("multiply")),
    "div": (_TWO, _merge("divide")),
    "true_divide": (_TWO, _merge("divide")),
    "__truediv__": (_TWO, _merge("divide")),
    "__rtruediv__": (("other", "input"), _merge("divide")),
    "__rdiv__": (("other", "input"), _merge("divide")),
    "addcmul": (("input", "tensor1", "tensor2", "value"), _add_product),
    "maximum": (_TWO, _merge("maximum")),
    "minimum": (_TWO, _merge("minimum")),
    "matmul": (_TWO, _matmul),
    "__matmul__": (_TWO, _matmul),
    "bmm": (_TWO, _matmul),
    "pow": (("input", "exponent"), _power),
    "square": (("input",), lambda r: r.emit("power", r["input"], exponent=2, y=r.y)),
    "reciprocal": (("input",), lambda r: r.emit("power", r["input"], exponent=-1, y=r.y)),
    "neg": (("input",), lambda r: r.emit("affine", r["input"], scale=-1, y=r.y)),
    "clamp": (("input", "min", "max"), _clamp),
}
