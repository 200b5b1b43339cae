"""What a call of torch means: recorded calls -> steps of ops.

A function here reads the arguments of one torch function and gives the op that does the same to
one sample, or None where it can't be told. Shapes are held against what torch made.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from sepconv_cli.importing.record import Call, Ref, Tape, Weight
from sepconv_cli.importing.steps import Recorded, Step
from sepconv_cli.network import Op, Tensor
from sepconv_cli.ops.adaptive_avg_pool import AdaptiveAvgPool
from sepconv_cli.ops.adaptive_max_pool import AdaptiveMaxPool
from sepconv_cli.ops.add import Add
from sepconv_cli.ops.avg_pool import AvgPool
from sepconv_cli.ops.batch_norm import BatchNorm
from sepconv_cli.ops.concat import Concat
from sepconv_cli.ops.conv import Conv
from sepconv_cli.ops.elu import Elu
from sepconv_cli.ops.flatten import Flatten
from sepconv_cli.ops.gelu import Gelu
from sepconv_cli.ops.global_avg_pool import GlobalAvgPool
from sepconv_cli.ops.hard_sigmoid import HardSigmoid
from sepconv_cli.ops.hard_swish import HardSwish
from sepconv_cli.ops.leaky_relu import LeakyRelu
from sepconv_cli.ops.linear import Linear
from sepconv_cli.ops.max_pool import MaxPool
from sepconv_cli.ops.multiply import Multiply
from sepconv_cli.ops.relu import Relu
from sepconv_cli.ops.relu6 import Relu6
from sepconv_cli.ops.sigmoid import Sigmoid
from sepconv_cli.ops.silu import Silu
from sepconv_cli.ops.tanh import Tanh


class Arguments(NamedTuple):
    """The arguments of a call by their names, and the shapes of one sample."""

    given: dict[str, Any]
    x: Tensor
    y: Tensor

    def __getitem__(self, name: Any) -> Any:
        return self.given.get(name)

    def axes(self, name: str, default: Any) -> tuple[int, ...]:
        """A length for each spatial axis."""
        value = self.given.get(name, default)
        value = default if value in (None, ()) else value
        if isinstance(value, (list, tuple)):
            return tuple(value) * (len(self.x.size) if len(value) == 1 else 1)
        return (value,) * len(self.x.size)


Reader = Callable[[Arguments], Op | None]


def _conv(a: Arguments) -> Op | None:
    weight: Weight = a["weight"]
    padding = a["padding"] or 0
    kernel = weight.shape[2:]
    dilation = a.axes("dilation", 1)
    if padding == "same":
        totals = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        sides = tuple((total // 2, total - total // 2) for total in totals)
    else:
        sides = (
            tuple((p, p) for p in a.axes("padding", 0))
            if padding != "valid"
            else ((0, 0),) * len(kernel)
        )
    return Conv(
        out_channels=weight.shape[0],
        kernel_size=kernel,
        stride=a.axes("stride", 1),
        padding=sides,
        dilation=dilation,
        groups=a["groups"] or 1,
        bias=a["bias"] is not None,
    )


def _linear(a: Arguments) -> Op | None:
    weight: Weight = a["weight"]
    features = weight.shape[1] if a.x.size else None
    return Linear(out_features=weight.shape[0], bias=a["bias"] is not None, in_features=features)


def _batch_norm(a: Arguments) -> Op | None:
    return BatchNorm(affine=a["weight"] is not None, **_optional(a, "eps", "momentum"))


def _adaptive(kind: type[Op]) -> Reader:
    def read(a: Arguments) -> Op | None:
        if kind is AdaptiveAvgPool and set(a.y.size) == {1}:
            return GlobalAvgPool()
        return kind(output_size=a.y.size)  # type: ignore[call-arg]

    return read


def _pool(kind: type[Op], *fields: str) -> Reader:
    def read(a: Arguments) -> Op | None:
        found = {"kernel_size": a.axes("kernel_size", 1)}
        found["stride"] = a.axes("stride", found["kernel_size"])
        found["padding"] = a.axes("padding", 0)
        if "dilation" in fields:
            found["dilation"] = a.axes("dilation", 1)
        named = [name for name in fields if name != "dilation"]
        return kind(**found, **_optional(a, *named))

    return read


def _mean(a: Arguments) -> Op | None:
    axes = a["dim"]
    axes = (axes,) if isinstance(axes, int) else tuple(axes or ())
    rank = len(a.x.size) + 2
    spatial = {axis % rank for axis in axes} == set(range(2, rank))
    return GlobalAvgPool() if spatial and a.x.size else None


def _hardtanh(a: Arguments) -> Op | None:
    return Relu6() if (a["min_val"], a["max_val"]) == (0.0, 6.0) else None


def _optional(a: Arguments, *names: str) -> dict[str, Any]:
    return {name: a[name] for name in names if a[name] is not None}


def _plain(kind: type[Op], *fields: str) -> Reader:
    return lambda a: kind(**_optional(a, *fields))


_CONV = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
_POOL = ("input", "kernel_size", "stride", "padding")

# The names of each function's arguments in their order, and how it is read.
FUNCTIONS: dict[str, tuple[tuple[str, ...], Reader]] = {
    **{f"conv{n}d": (_CONV, _conv) for n in (1, 2, 3)},
    "linear": (("input", "weight", "bias"), _linear),
    "batch_norm": (
        ("input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps"),
        _batch_norm,
    ),
    "relu": (("input", "inplace"), _plain(Relu)),
    "relu_": (("input",), _plain(Relu)),
    "relu6": (("input", "inplace"), _plain(Relu6)),
    "hardtanh": (("input", "min_val", "max_val", "inplace"), _hardtanh),
    "silu": (("input", "inplace"), _plain(Silu)),
    "gelu": (("input", "approximate"), _plain(Gelu, "approximate")),
    "sigmoid": (("input",), _plain(Sigmoid)),
    "tanh": (("input",), _plain(Tanh)),
    "elu": (("input", "alpha", "inplace"), _plain(Elu, "alpha")),
    "leaky_relu": (("input", "negative_slope", "inplace"), _plain(LeakyRelu, "negative_slope")),
    "hardswish": (("input", "inplace"), _plain(HardSwish)),
    "hardsigmoid": (("input", "inplace"), _plain(HardSigmoid)),
    "max_pool2d": (
        (*_POOL, "dilation", "ceil_mode", "return_indices"),
        _pool(MaxPool, "dilation", "ceil_mode"),
    ),
    "avg_pool2d": (
        (*_POOL, "ceil_mode", "count_include_pad", "divisor_override"),
        _pool(AvgPool, "ceil_mode", "count_include_pad"),
    ),
    "adaptive_avg_pool2d": (("input", "output_size"), _adaptive(AdaptiveAvgPool)),
    "adaptive_max_pool2d": (("input", "output_size"), _adaptive(AdaptiveMaxPool)),
    "mean": (("input", "dim", "keepdim"), _mean),
    "flatten": (("input", "start_dim", "end_dim"), lambda a: Flatten() if not a.y.size else None),
    "add": (("input", "other", "alpha"), _plain(Add)),
    "mul": (("input", "other"), _plain(Multiply)),
    "cat": (("tensors", "dim"), lambda a: Concat() if (a["dim"] or 0) in (1, -3) else None),
}
# What hands on what it is given.
SAME = {"dropout", "contiguous", "dropout2d", "to"}


class Unknown(Exception):
    """A call that can't be told."""


def translate(name: str, tape: Tape) -> Recorded:
    """The steps of a recorded pass."""
    (first,) = tape.inputs
    made: dict[int, int] = {first.at: -1}
    shapes: dict[int, Tensor] = {-1: _sample(first)}
    steps: list[Step] = []
    for call in tape.calls:
        read = _refs((call.arguments, tuple(call.keywords.values())))
        if not any(ref.at in made for ref in read):
            continue
        if call.function.rstrip("_") in SAME:
            made[call.outputs[0].at] = made[read[0].at]
            continue
        sources = tuple(made[ref.at] for ref in read)
        op, extra = _op(call, shapes[sources[0]])
        y = _sample(call.outputs[0])
        inputs = tuple(shapes[at] for at in sources)
        if list(op.check_inputs(inputs)) or op.shape_of(inputs) != y:
            complaints = [c.message for c in op.check_inputs(inputs)]
            raise Unknown(f"{call.function} in {'.'.join(call.path)}: {complaints} {inputs} -> {y}")
        steps.append(Step(op, call.path, call.classes, sources, y, _weights(call)))
        made[call.outputs[0].at] = len(steps) - 1
        shapes[len(steps) - 1] = y
        for _ in extra:
            pass
    return Recorded(name, shapes[-1], tuple(steps), tuple(made[ref.at] for ref in tape.outputs))


def _op(call: Call, x: Tensor) -> tuple[Op, tuple[Op, ...]]:
    names, read = FUNCTIONS.get(call.function.rstrip("_"), ((), None))
    if read is None:
        raise Unknown(f"{call.function} in {'.'.join(call.path)}")
    given = {**dict(zip(names, call.arguments, strict=False)), **call.keywords}
    op = read(Arguments(given, x, _sample(call.outputs[0])))
    if op is None:
        raise Unknown(
            f"{call.function} in {'.'.join(call.path)}: {call.arguments[1:]} {call.keywords}"
        )
    return op, ()


def _refs(value: Any) -> list[Ref]:
    if isinstance(value, Ref):
        return [value]
    if isinstance(value, (list, tuple)):
        return [ref for item in value for ref in _refs(item)]
    return []


def _weights(call: Call) -> tuple[str, ...]:
    found = [*call.arguments, *call.keywords.values()]
    return tuple(item.name for item in found if isinstance(item, Weight) and item.learned)


def _sample(ref: Ref) -> Tensor:
    """The shape without the batch."""
    if len(ref.shape) < 2:
        raise Unknown(f"a tensor of shape {ref.shape}")
    return Tensor(ref.shape[1], tuple(ref.shape[2:]))
