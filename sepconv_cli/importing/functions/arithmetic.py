"""Sums, products and means of tensors."""

from collections.abc import Callable
from typing import Any

from sepconv_cli.importing.reading import Readers, Reading, Unreadable, laid_beside
from sepconv_cli.importing.tape import Ref, Weight


def _merge(op: str) -> Callable[[Reading], int]:
    """Two tensors element by element; or one and a number, or one and a learned tensor."""

    def read(r: Reading) -> int:
        left, right = r["input"], r["other"]
        if not isinstance(right, (Ref, Weight)) or not isinstance(left, (Ref, Weight)):
            return _scalar(r, op, left, right)
        if r["alpha"] not in (None, 1):
            raise Unreadable("a factor of its own")
        if r.is_constant(right):
            return _with_learned(r, op, left, right)
        if r.is_constant(left):
            return _with_learned(r, op, right, left, swapped=True)
        return r.emit(op, left, right, y=r.y)

    return read


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


def _with_learned(r: Reading, op: str, x: Any, constant: Any, swapped: bool = False) -> int:
    """A tensor that doesn't depend on the input, learned or not, laid out beside one that does."""
    held = r.held(constant)
    shape = laid_beside(r.layout(x), r.layout(constant)) or (1,)
    along = {"multiply": "learned_scale", "add": "learned_shift"}.get(op)
    if along and held.learned and r.layout(x).dims == r.y.dims:
        return r.emit(along, x, shape=shape, held=[held], y=r.y)
    if op == "divide" and swapped:
        raise Unreadable("a learned tensor divided")
    kind = "learned" if held.learned else "constant"
    at = r.emit(kind, x, shape=shape, held=[held])
    inputs = (at, x) if swapped and op in ("subtract", "divide") else (x, at)
    return r.emit(op, *inputs, y=r.y)


def _matmul(r: Reading) -> int:
    return r.emit("matmul", r["input"], r["other"], y=r.y)


def _reduce(function: str) -> Callable[[Reading], int]:
    def read(r: Reading) -> int:
        dims = r["dim"]
        dims = range(r.x.rank) if dims is None else (dims,) if isinstance(dims, int) else dims
        axes = tuple(sorted(_axis(r, dim) for dim in dims))
        at = r.emit("reduce", r["input"], function=function, axes=axes, keepdim=True)
        if r.state.steps[at].y == r.y.tensor:
            return at
        flat = len(r.y.dims) <= 1 and at >= 0
        return (
            r.emit("flatten", at, y=r.y) if flat else r.emit("reshape", at, shape=r.y.dims, y=r.y)
        )

    return read


def _axis(r: Reading, dim: int) -> int:
    axis = r.x.axis(dim)
    if axis is None:
        raise Unreadable("over the batch")
    return axis


def _power(r: Reading) -> int:
    if not isinstance(r["exponent"], (int, float)):
        raise Unreadable("a power of tensors")
    return r.emit("power", r["input"], exponent=r["exponent"], y=r.y)


def _clamp(r: Reading) -> int:
    given = {name: r[name] for name in ("min", "max") if r[name] is not None}
    return r.emit("clamp", r["input"], **given, y=r.y)


_TWO = ("input", "other", "alpha")
_DIM = ("input", "dim", "keepdim")

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
    "maximum": (_TWO, _merge("maximum")),
    "minimum": (_TWO, _merge("minimum")),
    "matmul": (_TWO, _matmul),
    "__matmul__": (_TWO, _matmul),
    "bmm": (_TWO, _matmul),
    "mean": (_DIM, _reduce("mean")),
    "sum": (_DIM, _reduce("sum")),
    "amax": (_DIM, _reduce("max")),
    "amin": (_DIM, _reduce("min")),
    "pow": (("input", "exponent"), _power),
    "square": (("input",), lambda r: r.emit("power", r["input"], exponent=2, y=r.y)),
    "reciprocal": (("input",), lambda r: r.emit("power", r["input"], exponent=-1, y=r.y)),
    "neg": (("input",), lambda r: r.emit("affine", r["input"], scale=-1, y=r.y)),
    "clamp": (("input", "min", "max"), _clamp),
}
