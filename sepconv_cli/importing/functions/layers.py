"""Layers with weights, norms, pools, attention."""

from collections.abc import Sequence
from typing import Any

import msgspec

from sepconv_cli.importing.reading import Reader, Readers, Reading, Unreadable
from sepconv_cli.importing.steps import Held


def _conv(r: Reading) -> int:
    axes = len(r.layout(r["weight"]).dims) - 2
    if not r.is_constant(r["weight"]):
        return _dynamic(r, axes)
    if len(r.x.dims) != axes + 2:
        return _convolved(r, ())
    if axes == 3:
        return _convolved_apart(r)
    # What is folded into the batch becomes an axis along which the kernel is 1 long.
    order = (1, 0, *range(2, axes + 2))
    first = r.emit("permute", r["input"], axes=order)
    at = _convolved(r.on(first, [r.y.dims[axis] for axis in order]), (1,))
    return r.emit("permute", at, axes=order, y=r.y)


def _dynamic(r: Reading, axes: int) -> int:
    """Weights of each sample, whose channels stand behind each other in groups of their own."""
    kernel = r.layout(r["weight"])
    if r["bias"] is not None or kernel.batch is not None or r.x.batch is not None:
        raise Unreadable("weights that depend on the input")
    x = r.emit("reshape", r["input"], shape=r.x.dims[1:])
    at = r.emit(
        "dynamic_conv",
        x,
        r["weight"],
        stride=r.axes("stride", 1, axes),
        padding=_padding(r, kernel.dims[2:], r.axes("dilation", 1, axes)),
        dilation=r.axes("dilation", 1, axes),
        groups=r.get("groups", 1),
    )
    return r.emit("reshape", at, shape=r.y.dims, y=r.y)


def _convolved_apart(r: Reading) -> int:
    """The same convolution of each part that is folded into the batch, where no axis is left."""
    count, *inner = r.x.dims
    found = []
    for at in range(count):
        part = r.emit("slice", r["input"], axis=0, start=at, stop=at + 1)
        part = r.emit("reshape", part, shape=tuple(inner))
        found.append(_convolved(r.on(part, r.y.dims[1:]), ()))
    return r.emit("stack", *found, axis=0, y=r.y)


def _convolved(r: Reading, lead: tuple[int, ...]) -> int:
    """A convolution; `lead` are kernel sizes of axes before its own."""
    out_channels, _, *kernel = r.layout(r["weight"]).dims
    dilation = r.axes("dilation", 1, len(kernel))
    return _biased(
        r,
        "conv" if r.is_learned(r["weight"]) else "fixed_conv",
        out_channels=out_channels,
        kernel_size=(*lead, *kernel),
        stride=(*lead, *r.axes("stride", 1, len(kernel))),
        padding=(*((0, 0) for _ in lead), *_padding(r, kernel, dilation)),
        dilation=(*lead, *dilation),
        groups=r.get("groups", 1),
    )


def _biased(r: Reading, op: str, **fields: Any) -> int:
    """With its bias; one that isn't all learned is a tensor of its own that is added."""
    bias = r["bias"]
    if not r.is_constant(r["weight"]) or not (bias is None or r.is_constant(bias)):
        raise Unreadable("weights that depend on the input")
    if bias is None or (r.is_learned(bias) and op != "fixed_conv"):
        held = _held(r, "weight", "bias")
        return r.emit(op, r["input"], bias=bias is not None, **fields, held=held, y=r.y)
    at = r.emit(op, r["input"], bias=False, **fields, held=_held(r, "weight"), y=r.y)
    along = (1,) * (len(r.y.dims) - 1)
    shape = (*r.layout(bias).dims, *along) if "kernel_size" in fields else r.layout(bias).dims
    kind = "learned" if r.held(bias).learned else "constant"
    summand = r.emit(kind, r["input"], shape=shape, held=[r.held(bias)])
    return r.emit("add", at, summand, y=r.y)


def _padding(
    r: Reading, kernel: Sequence[int], dilation: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    if r["padding"] == "same":
        totals = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        return tuple((total // 2, total - total // 2) for total in totals)
    if r["padding"] == "valid":
        return ((0, 0),) * len(kernel)
    return tuple(
        sides if isinstance(sides, tuple) else (sides, sides)
        for sides in r.axes("padding", 0, len(kernel))
    )


def _conv_transpose(r: Reading) -> int:
    weight, groups = r.layout(r["weight"]).dims, r.get("groups", 1)
    return r.emit(
        "conv_transpose",
        r["input"],
        out_channels=weight[1] * groups,
        kernel_size=weight[2:],
        stride=r.axes("stride", 1),
        padding=r.axes("padding", 0),
        output_padding=r.axes("output_padding", 0),
        dilation=r.axes("dilation", 1),
        groups=groups,
        bias=r["bias"] is not None,
        held=_held(r, "weight", "bias"),
        y=r.y,
    )


def _linear(r: Reading) -> int:
    out_features, in_features = r.layout(r["weight"]).dims
    if r.is_constant(r["weight"]) and not r.is_learned(r["weight"]):
        return _fixed_linear(r, in_features, out_features)
    over_last = in_features if len(r.x.dims) > 1 else None
    return _biased(r, "linear", out_features=out_features, in_features=over_last)


def _fixed_linear(r: Reading, in_features: int, out_features: int) -> int:
    """With weights that aren't learned it is a product with a constant, the other way round."""
    if r["bias"] is not None:
        raise Unreadable("a bias beside weights that aren't learned")
    held = [msgspec.structs.replace(r.held(r["weight"]), turned=True)]
    rows = r.source(r["input"])
    if len(r.x.dims) == 1:
        rows = r.emit("reshape", rows, shape=(1, in_features))
    kind = "learned" if held[0].learned else "constant"
    weight = r.emit(kind, r["input"], shape=(in_features, out_features), held=held)
    at = r.emit("matmul", rows, weight)
    return at if len(r.x.dims) > 1 else r.emit("flatten", at, y=r.y)


def _batch_norm(r: Reading) -> int:
    """Where positions are folded into the batch, the channels are brought to the front for it."""
    channels = r.x.axis(1)
    if channels is None:
        raise Unreadable("the channels are the batch")
    fields = {"affine": r["weight"] is not None, "eps": r.get("eps", 1e-5)}
    held = _held(r, "weight", "bias", "running_mean", "running_var")
    if channels == 0:
        return r.emit("batch_norm", r["input"], **fields, held=held, y=r.y)
    order = sorted(range(len(r.x.dims)), key=lambda axis: axis != channels)
    first = r.emit("permute", r["input"], axes=tuple(order))
    at = r.emit("batch_norm", first, **fields, held=held)
    return r.emit("permute", at, axes=tuple(map(order.index, range(len(order)))), y=r.y)


def _layer_norm(r: Reading) -> int:
    shape = tuple(r["normalized_shape"])
    return r.emit(
        "layer_norm",
        r["input"],
        normalized_shape=None if shape == r.x.dims and len(shape) > 1 else shape,
        eps=r.get("eps", 1e-5),
        elementwise_affine=r["weight"] is not None,
        bias=r["bias"] is not None,
        held=_held(r, "weight", "bias"),
        y=r.y,
    )


def _rms_norm(r: Reading) -> int:
    return r.emit(
        "rms_norm",
        r["input"],
        normalized_shape=tuple(r["normalized_shape"]),
        eps=r["eps"],
        elementwise_affine=r["weight"] is not None,
        held=_held(r, "weight"),
        y=r.y,
    )


def _group_norm(r: Reading) -> int:
    if r.x.axis(1) != 0:
        raise Unreadable("the channels aren't the first axis")
    return r.emit(
        "group_norm",
        r["input"],
        num_groups=r["num_groups"],
        eps=r.get("eps", 1e-5),
        affine=r["weight"] is not None,
        bias=r["bias"] is not None or r["weight"] is None,
        held=_held(r, "weight", "bias"),
        y=r.y,
    )


def _instance_norm(r: Reading) -> int:
    """Of each sample alone; statistics that were tracked are those of a batch norm."""
    if not r.get("use_input_stats", True):
        raise Unreadable("statistics that were tracked")
    if r.x.axis(1) != 0:
        raise Unreadable("the channels aren't the first axis")
    return _plain_instance_norm(r)


def _alike_or_affine(r: Reading) -> int | list[int]:
    """Without parameters all channels are treated alike."""
    if r["weight"] is not None:
        return _instance_norm(r)
    return (
        _of_each(len(r.x.dims) - 2, _instance_norm)(r) if r.x.batch is None else _instance_norm(r)
    )


def _plain_instance_norm(r: Reading) -> int:
    fields = {"eps": r.get("eps", 1e-5), "affine": r["weight"] is not None}
    return r.emit("instance_norm", r["input"], **fields, held=_held(r, "weight", "bias"), y=r.y)


def _local_response_norm(r: Reading) -> int:
    given = {name: r[name] for name in ("alpha", "beta", "k") if r[name] is not None}
    return r.emit("local_response_norm", r["input"], size=r["size"], **given, y=r.y)


def _pool(r: Reading, op: str, **more: Any) -> int:
    kernel = r.axes("kernel_size", 1)
    return r.emit(
        op,
        r["input"],
        kernel_size=kernel,
        stride=r.axes("stride", kernel),
        padding=r.axes("padding", 0),
        ceil_mode=r.get("ceil_mode", False),
        **more,
        y=r.y,
    )


def _max_pool(r: Reading) -> int:
    return _pool(r, "max_pool", dilation=r.axes("dilation", 1))


def _avg_pool(r: Reading) -> int:
    if r["divisor_override"] is not None:
        raise Unreadable("a divisor of its own")
    return _pool(r, "avg_pool", count_include_pad=r.get("count_include_pad", True))


def _adaptive(kind: str) -> Reader:
    def read(r: Reading) -> int:
        size = r.y.dims[1:]
        if set(size) == {1}:
            return r.emit(f"global_{kind}_pool", r["input"], y=r.y)
        return r.emit(f"adaptive_{kind}_pool", r["input"], output_size=size, y=r.y)

    return read


def _attention(r: Reading) -> int:
    inputs = [r["query"], r["key"], r["value"]]
    if r["attn_mask"] is not None:
        inputs.append(r["attn_mask"])
    return r.emit(
        "scaled_dot_product_attention",
        *inputs,
        causal=bool(r["is_causal"]),
        **({} if r["scale"] is None else {"scale": r["scale"]}),
        y=r.y,
    )


def _of_each(axes: int, reader: Reader) -> Reader:
    """A reader of what treats channels alike, where something is folded into the batch."""

    def read(r: Reading) -> int | list[int]:
        if len(r.x.dims) != axes + 2:
            return reader(r)
        lead, channels, *size = r.x.dims
        first = r.emit("reshape", r["input"], shape=(lead * channels, *size))
        at = reader(r.on(first, (lead * channels, *r.y.dims[2:])))
        if not isinstance(at, int):
            raise Unreadable("several outputs")
        return r.emit("reshape", at, shape=r.y.dims, y=r.y)

    return read


def _held(r: Reading, *names: str) -> list[Held]:
    return [r.held(r[name]) for name in names if r[name] is not None]


_BOTH = ("weight", "bias")
_CONV = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
_TRANSPOSED = (*_CONV[:5], "output_padding", "groups", "dilation")
_POOL = ("input", "kernel_size", "stride", "padding")
_NORM = ("input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps")
_AXES = (1, 2, 3)

LAYER_READERS: Readers = {
    **{f"conv{n}d": (_CONV, _conv) for n in _AXES},
    **{f"conv_transpose{n}d": (_TRANSPOSED, _conv_transpose) for n in _AXES},
    "linear": (("input", "weight", "bias"), _linear),
    "batch_norm": (_NORM, _batch_norm),
    "layer_norm": (("input", "normalized_shape", "weight", "bias", "eps"), _layer_norm),
    "rms_norm": (("input", "normalized_shape", "weight", "eps"), _rms_norm),
    "group_norm": (("input", "num_groups", "weight", "bias", "eps"), _group_norm),
    "instance_norm": (
        (*_NORM[:5], "use_input_stats", "momentum", "eps"),
        _alike_or_affine,
    ),
    "local_response_norm": (("input", "size", "alpha", "beta", "k"), _local_response_norm),
    **{
        f"max_pool{n}d": (
            (*_POOL, "dilation", "ceil_mode", "return_indices"),
            _of_each(n, _max_pool),
        )
        for n in _AXES
    },
    **{
        f"avg_pool{n}d": (
            (*_POOL, "ceil_mode", "count_include_pad", "divisor_override"),
            _of_each(n, _avg_pool),
        )
        for n in _AXES
    },
    **{
        f"adaptive_avg_pool{n}d": (("input", "output_size"), _of_each(n, _adaptive("avg")))
        for n in _AXES
    },
    **{
        f"adaptive_max_pool{n}d": (("input", "output_size"), _of_each(n, _adaptive("max")))
        for n in _AXES
    },
    "scaled_dot_product_attention": (
        ("query", "key", "value", "attn_mask", "dropout_p", "is_causal", "scale"),
        _attention,
    ),
}
