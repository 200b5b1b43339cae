"""Functions of single elements, and shares."""

from math import inf, prod
from typing import Any

from sepconv_cli.importing.onnx_ops._node import NodeReader, NodeReading
from sepconv_cli.importing.reading import Unreadable


def _torch(function: str, **fields: tuple[str, Any]) -> NodeReader:
    """One of torch's functions, with arguments from attributes or else their defaults in ONNX."""

    def read(r: NodeReading) -> int | list[int]:
        given = {name: r.get(own, default) for name, (own, default) in fields.items()}
        return r.as_torch(function, input=r["input"], **given)

    return read


def _op(name: str) -> NodeReader:
    return lambda r: r.emit(name, r["input"], y=r.y)


def _hard_sigmoid(r: NodeReading) -> int | list[int]:
    alpha, beta = r.get("alpha", 0.2), r.get("beta", 0.5)
    if abs(alpha - 1 / 6) < 1e-6 and beta == 0.5:
        return r.as_torch("hardsigmoid", input=r["input"])
    at = r.emit("affine", r["input"], scale=alpha, shift=beta)
    return r.emit("clamp", at, min=0.0, max=1.0, y=r.y)


def _clip(r: NodeReading) -> int | list[int]:
    least, most = r.number("min"), r.number("max")
    if (least, most) == (0, 6):
        return r.as_torch("relu6", input=r["input"])
    if least == 0 and (most is None or most == inf):
        return r.as_torch("relu", input=r["input"])
    if (least, most) == (-1, 1):
        return r.as_torch("hardtanh", input=r["input"])
    bounds = {"min": least, "max": most}
    return r.as_torch(
        "clamp", input=r["input"], **{k: v for k, v in bounds.items() if v is not None}
    )


def _softsign(r: NodeReading) -> int:
    """x / (1 + |x|)."""
    at = r.emit("affine", r.emit("absolute", r["input"]), shift=1.0)
    return r.emit("divide", r["input"], at, y=r.y)


def _swish(r: NodeReading) -> int | list[int]:
    if r.get("alpha", 1.0) == 1:
        return r.as_torch("silu", input=r["input"])
    share = r.emit("sigmoid", r.emit("affine", r["input"], scale=r["alpha"]))
    return r.emit("multiply", r["input"], share, y=r.y)


def _prelu(r: NodeReading) -> int | list[int]:
    slope = r.operand(r["slope"])
    if isinstance(slope, float):
        return r.as_torch("leaky_relu", input=r["input"], negative_slope=slope)
    dims = r.weight("slope")
    count = prod(dims)
    back = len(r.x.dims)
    along = len(dims) >= back and dims[-back] == r.x.dims[0]
    if count != 1 and not (along and count == r.x.dims[0]):
        raise Unreadable("slopes along other axes than the channels")
    return r.emit("prelu", r["input"], num_parameters=count, held=r.held_by("slope"), y=r.y)


def _softmax(function: str) -> NodeReader:
    """Shares along an axis; up to version 12 along it and all that follow, together."""

    def read(r: NodeReading) -> int | list[int]:
        dim = r.get("axis", -1 if r.version >= 13 else 1)
        together = r.version < 13 and dim % r.x.rank < r.x.rank - 1
        if not together:
            return r.as_torch(function, input=r["input"], dim=dim)
        axis = r.x.axis(dim)
        if axis is None or r.x.batch != 0:
            raise Unreadable("over the batch")
        if prod(r.x.dims[axis + 1 :]) == 1:
            return r.as_torch(function, input=r["input"], dim=dim)
        at = r.emit("reshape", r["input"], shape=(*r.x.dims[:axis], prod(r.x.dims[axis:])))
        return r.shaped(r.emit(function, at, axis=axis))

    return read


_X = ("input",)

ACTIVATION_NODES = {
    **{
        name: (_X, _torch(function))
        for name, function in {
            "Relu": "relu",
            "Sigmoid": "sigmoid",
            "Tanh": "tanh",
            "HardSwish": "hardswish",
            "Mish": "mish",
            "Selu": "selu",
            "Softplus": "softplus",
            "Erf": "erf",
            "Exp": "exp",
            "Log": "log",
            "Sqrt": "sqrt",
            "Sin": "sin",
            "Cos": "cos",
            "Abs": "abs",
            "Neg": "neg",
            "Reciprocal": "reciprocal",
        }.items()
    },
    "LeakyRelu": (_X, _torch("leaky_relu", negative_slope=("alpha", 0.01))),
    "Elu": (_X, _torch("elu", alpha=("alpha", 1.0))),
    "Celu": (_X, _torch("celu", alpha=("alpha", 1.0))),
    "Gelu": (_X, _torch("gelu", approximate=("approximate", "none"))),
    **{name: (_X, _op(name.lower())) for name in ("Floor", "Ceil", "Round", "Sign")},
    "Softsign": (_X, _softsign),
    "Swish": (_X, _swish),
    "HardSigmoid": (_X, _hard_sigmoid),
    "Clip": (("input", "min", "max"), _clip),
    "PRelu": (("input", "slope"), _prelu),
    "Softmax": (_X, _softmax("softmax")),
    "LogSoftmax": (_X, _softmax("log_softmax")),
}
