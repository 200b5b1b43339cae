"""What is done to each element by itself, and softmax."""

from collections.abc import Callable
from math import pi, sqrt

from sepconv_cli.export.onnx_graph import NodeWriting
from sepconv_cli.export.onnx_nodes.shapes import along_channels

Write = Callable[[NodeWriting], str]


def _one(operator: str, *fields: str, **renamed: str) -> Write:
    """One operator, with attributes that are fields of the op by the same or another name."""
    names = {**{field: field for field in fields}, **renamed}

    def write(w: NodeWriting) -> str:
        given = {name: getattr(w.op, field) for name, field in names.items()}
        return w.add(operator, w.x, **given)

    return write


def _along_axis(operator: str) -> Write:
    return lambda w: w.add(operator, w.x, axis=w.op.axis + 1)


def _between(w: NodeWriting, least: float | None, most: float | None) -> str:
    bounds = ["" if each is None else float(each) for each in (least, most)]
    return w.add("Clip", w.x, *(bounds if most is not None else bounds[:1]))


def _silu(w: NodeWriting) -> str:
    return w.add("Mul", w.x, w.add("Sigmoid", w.x))


def _gelu(w: NodeWriting) -> str:
    """As torch's exporter writes it, which runtimes know and make one operator of."""
    if w.op.approximate == "tanh":
        cube = w.add("Mul", w.add("Pow", w.x, 3.0), 0.044715)
        inner = w.add("Mul", w.add("Add", w.x, cube), sqrt(2 / pi))
        return w.add("Mul", w.add("Mul", w.x, 0.5), w.add("Add", w.add("Tanh", inner), 1.0))
    share = w.add("Add", w.add("Erf", w.add("Div", w.x, sqrt(2))), 1.0)
    return w.add("Mul", w.add("Mul", w.x, share), 0.5)


def _softplus(w: NodeWriting) -> str:
    if w.op.beta == 1:
        return w.add("Softplus", w.x)
    beta = float(w.op.beta)
    return w.add("Div", w.add("Softplus", w.add("Mul", w.x, beta)), beta)


def _log_sigmoid(w: NodeWriting) -> str:
    return w.add("Neg", w.add("Softplus", w.add("Neg", w.x)))


def _glu(w: NodeWriting) -> str:
    halves = w.graph.add_several(w.scope, "Split", 2, w.x, axis=w.op.axis + 1, num_outputs=2)
    return w.add("Mul", halves[0], w.add("Sigmoid", halves[1]))


def _affine(w: NodeWriting) -> str:
    x = w.x if w.op.scale == 1 else w.add("Mul", w.x, float(w.op.scale))
    return x if w.op.shift == 0 else w.add("Add", x, float(w.op.shift))


def _prelu(w: NodeWriting) -> str:
    slope = w.parameter("weight")
    return w.add("PRelu", w.x, slope if w.op.num_parameters == 1 else along_channels(w, slope))


ACTIVATION_WRITERS: dict[str, Write] = {
    "relu": _one("Relu"),
    "relu6": lambda w: _between(w, 0, 6),
    "sigmoid": _one("Sigmoid"),
    "tanh": _one("Tanh"),
    "leaky_relu": _one("LeakyRelu", alpha="negative_slope"),
    "elu": _one("Elu", "alpha"),
    "celu": _one("Celu", "alpha"),
    "selu": _one("Selu"),
    "mish": _one("Mish"),
    "hard_swish": _one("HardSwish"),
    "hard_sigmoid": lambda w: w.add("HardSigmoid", w.x, alpha=1 / 6, beta=0.5),
    "hard_tanh": lambda w: _between(w, w.op.min_val, w.op.max_val),
    "clamp": lambda w: _between(w, w.op.min, w.op.max),
    "silu": _silu,
    "gelu": _gelu,
    "softplus": _softplus,
    "log_sigmoid": _log_sigmoid,
    "glu": _glu,
    "prelu": _prelu,
    "affine": _affine,
    "power": lambda w: w.add("Pow", w.x, float(w.op.exponent)),
    "softmax": _along_axis("Softmax"),
    "log_softmax": _along_axis("LogSoftmax"),
    "absolute": _one("Abs"),
    "ceil": _one("Ceil"),
    "cos": _one("Cos"),
    "erf": _one("Erf"),
    "exp": _one("Exp"),
    "floor": _one("Floor"),
    "log": _one("Log"),
    "round": _one("Round"),
    "rsqrt": lambda w: w.add("Reciprocal", w.add("Sqrt", w.x)),
    "sign": _one("Sign"),
    "sin": _one("Sin"),
    "sqrt": _one("Sqrt"),
}
