"""Functions of single elements, and shares."""

from collections.abc import Callable

from sepconv_cli.importing.reading import Readers, Reading


def _plain(op: str, **fields: str) -> Callable[[Reading], int]:
    """An op whose fields are arguments of the function, where they are given."""

    def read(r: Reading) -> int:
        given = {field: r[name] for field, name in fields.items() if r[name] is not None}
        return r.emit(op, r["input"], **given, y=r.y)

    return read


def _hardtanh(r: Reading) -> int:
    least, most = float(r.get("min_val", -1.0)), float(r.get("max_val", 1.0))
    if (least, most) == (0.0, 6.0):
        return r.emit("relu6", r["input"], y=r.y)
    return r.emit("hard_tanh", r["input"], min_val=least, max_val=most, y=r.y)


def _softmax(op: str) -> Callable[[Reading], int]:
    return lambda r: r.emit(op, r["input"], axis=r.x.axis(r["dim"]), y=r.y)


def _prelu(r: Reading) -> int:
    (count,) = r.layout(r["weight"]).dims
    return r.emit("prelu", r["input"], num_parameters=count, held=[r.held(r["weight"])], y=r.y)


def _glu(r: Reading) -> int:
    return r.emit("glu", r["input"], axis=r.x.axis(r.get("dim", -1)), y=r.y)


_INPUT = ("input", "inplace")

ACTIVATION_READERS: Readers = {
    "relu": (_INPUT, _plain("relu")),
    "relu6": (_INPUT, _plain("relu6")),
    "hardtanh": (("input", "min_val", "max_val", "inplace"), _hardtanh),
    "leaky_relu": (
        ("input", "negative_slope", "inplace"),
        _plain("leaky_relu", negative_slope="negative_slope"),
    ),
    "elu": (("input", "alpha", "inplace"), _plain("elu", alpha="alpha")),
    "celu": (("input", "alpha", "inplace"), _plain("celu", alpha="alpha")),
    "selu": (_INPUT, _plain("selu")),
    "silu": (_INPUT, _plain("silu")),
    "mish": (_INPUT, _plain("mish")),
    "gelu": (("input", "approximate"), _plain("gelu", approximate="approximate")),
    "sigmoid": (_INPUT, _plain("sigmoid")),
    "logsigmoid": (_INPUT, _plain("log_sigmoid")),
    "tanh": (_INPUT, _plain("tanh")),
    "hardswish": (_INPUT, _plain("hard_swish")),
    "hardsigmoid": (_INPUT, _plain("hard_sigmoid")),
    "softplus": (("input", "beta", "threshold"), _plain("softplus", beta="beta")),
    "prelu": (("input", "weight"), _prelu),
    "softmax": (("input", "dim"), _softmax("softmax")),
    "log_softmax": (("input", "dim"), _softmax("log_softmax")),
    "glu": (("input", "dim"), _glu),
    **{name: (("input",), _plain(name)) for name in ("exp", "log", "sqrt", "rsqrt", "sin", "cos")},
    "abs": (("input",), _plain("absolute")),
    "erf": (("input",), _plain("erf")),
}
