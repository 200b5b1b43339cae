"""Layers with weights, norms, pools, attention."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from sepconv_cli.importing.onnx_ops._node import NodeReading
from sepconv_cli.importing.reading import Unreadable
from sepconv_cli.ops._axes import span

SidePairs = tuple[tuple[int, int], ...]


def _conv(r: NodeReading) -> int | list[int]:
    kernel = r.weight("weight")[2:]
    dilation = r.ints("dilations", (1,) * len(kernel))
    stride = r.ints("strides", (1,) * len(kernel))
    return r.as_torch(
        "conv2d",
        input=r["input"],
        weight=r["weight"],
        bias=_bias(r),
        stride=stride,
        padding=_sides(r, kernel, stride, dilation),
        dilation=dilation,
        groups=r.get("group", 1),
    )


def _constant(r: NodeReading, name: str) -> Any:
    if r[name] is not None:
        r.weight(name)
    return r[name]


def _bias(r: NodeReading) -> Any:
    """None where it is zeros that nobody learned, which some exporters write."""
    bias = _constant(r, "bias")
    if bias is None or r.held(bias).learned or not r.is_known("bias"):
        return bias
    return bias if any(r.value("bias")) else None


def _sides(r: NodeReading, kernel: Sequence[int], stride: Any, dilation: Any) -> SidePairs:
    """The padding before and after on each spatial axis, written out or worked out."""
    automatic = r.get("auto_pad", "NOTSET")
    if automatic == "VALID":
        return ((0, 0),) * len(kernel)
    if automatic == "NOTSET":
        pads = r.ints("pads", (0,) * 2 * len(kernel)) or ()
        return tuple(zip(pads[: len(kernel)], pads[len(kernel) :], strict=True))
    rows = zip(r.x.dims[1:], kernel, stride, dilation, strict=True)
    totals = [max((-(-n // s) - 1) * s + span(k, d) - n, 0) for n, k, s, d in rows]
    return tuple(_halved(total, automatic) for total in totals)


def _halved(total: int, automatic: str) -> tuple[int, int]:
    less, more = total // 2, total - total // 2
    return (more, less) if automatic == "SAME_LOWER" else (less, more)


def _conv_transpose(r: NodeReading) -> int:
    weight, groups = r.weight("weight"), r.get("group", 1)
    kernel = weight[2:]
    stride = r.ints("strides", (1,) * len(kernel)) or ()
    dilation = r.ints("dilations", (1,) * len(kernel)) or ()
    more = r.ints("output_padding", (0,) * len(kernel)) or ()
    sides = _taken_away(r, kernel, stride, dilation, more)
    # torch takes the same away on both sides; less at the end is more output, more is cut off.
    at = r.emit(
        "conv_transpose",
        r["input"],
        out_channels=weight[1] * groups,
        kernel_size=kernel,
        stride=stride,
        padding=tuple(before for before, _ in sides),
        output_padding=tuple(
            extra + max(before - after, 0)
            for extra, (before, after) in zip(more, sides, strict=True)
        ),
        dilation=dilation,
        groups=groups,
        bias=_constant(r, "bias") is not None,
        held=r.held_by("weight", "bias"),
    )
    for axis, (before, after) in enumerate(sides, start=1):
        if after > before:
            stop = r.state.steps[at].y.axes[axis] - (after - before)
            at = r.emit("slice", at, axis=axis, start=0, stop=stop)
    if r.state.steps[at].y != r.y.tensor:
        raise Unreadable("another size")
    return at


def _taken_away(r: NodeReading, kernel: Any, stride: Any, dilation: Any, more: Any) -> SidePairs:
    automatic = r.get("auto_pad", "NOTSET")
    if r["output_shape"] is None and automatic in ("NOTSET", "VALID"):
        return _sides(r, kernel, stride, dilation)
    rows = zip(r.x.dims[1:], r.y.dims[1:], kernel, stride, dilation, more, strict=True)
    totals = [(n - 1) * s + extra + span(k, d) - out for n, out, k, s, d, extra in rows]
    if min(totals, default=0) < 0:
        raise Unreadable("padding that adds")
    word = "SAME_UPPER" if automatic == "SAME_UPPER" else "SAME_LOWER"
    return tuple(_halved(total, word) for total in totals)


def _gemm(r: NodeReading) -> int | list[int]:
    """A linear layer; factors of the weights are part of them."""
    if r["transA"] or not r.is_constant(r["weight"]):
        raise Unreadable("a product of two tensors, plus a third")
    bias = r["bias"]
    outputs = r.layout(r["weight"]).dims[0 if r["transB"] else 1]
    fits = bias is None or (
        r.is_constant(bias) and r.layout(bias).dims in ((outputs,), (1, outputs))
    )
    at = _linear(r, turned=not r["transB"], bias=fits and bias is not None)
    return at if fits else r.emit("add", at, bias, y=r.y)


def _linear(r: NodeReading, turned: bool, bias: bool) -> int:
    """A product with a matrix of outputs x inputs, or the other way round."""
    if r.x.axis(-1) is None:
        raise Unreadable("the batch is the last axis")
    outputs, inputs = r.layout(r["weight"]).dims[:: -1 if turned else 1]
    weight = replace(r.held(r["weight"]), turned=turned)
    return r.emit(
        "linear",
        r["input"],
        out_features=outputs,
        bias=bias,
        in_features=inputs if len(r.x.dims) > 1 else None,
        held=[weight, *r.held_by(*(["bias"] if bias else []))],
        y=r.y,
    )


def _matmul(r: NodeReading) -> int | list[int]:
    if r.is_constant(r["weight"]) and len(r.layout(r["weight"]).dims) == 2:
        return _linear(r, turned=True, bias=False)
    return r.as_torch("matmul", input=r["input"], other=r["weight"])


def _affine(r: NodeReading, *names: str) -> bool:
    """Whether scale and bias are learned, and not just ones and zeros."""
    return any(r.held(r[name]).learned for name in names if _constant(r, name) is not None)


def _batch_norm(r: NodeReading) -> int:
    if r.x.axis(1) != 0:
        raise Unreadable("the channels aren't the first axis")
    affine = _affine(r, "weight", "bias")
    names = ("weight", "bias") if affine else ()
    held = r.held_by(*names, "running_mean", "running_var")
    return r.emit("batch_norm", r["input"], affine=affine, eps=_eps(r), held=held, y=r.y)


def _eps(r: NodeReading) -> float:
    """Some files have the neighbour of 1e-5 among numbers of four bytes."""
    return float(f"{r.get('epsilon', 1e-5):.6g}")


def _instance_norm(r: NodeReading) -> int:
    affine = _affine(r, "weight", "bias")
    held = r.held_by("weight", "bias") if affine else []
    return r.emit("instance_norm", r["input"], affine=affine, eps=_eps(r), held=held, y=r.y)


def _group_norm(r: NodeReading) -> int | list[int]:
    if r.weight("weight") != r.x.dims[:1]:
        raise Unreadable("a weight for each group")
    return r.as_torch(
        "group_norm",
        input=r["input"],
        num_groups=r["num_groups"],
        weight=r["weight"],
        bias=r["bias"],
        eps=_eps(r),
    )


def _normalized(r: NodeReading) -> tuple[int, ...]:
    """The axes from `axis` on, all of which are the sample's."""
    axis = r.x.axis(r.get("axis", -1))
    if axis is None or r.x.batch not in (None, 0):
        raise Unreadable("over the batch")
    return r.x.dims[axis:]


def _layer_norm(r: NodeReading) -> int | list[int]:
    affine = _affine(r, "weight", "bias")
    return r.as_torch(
        "layer_norm",
        input=r["input"],
        normalized_shape=_normalized(r),
        weight=_constant(r, "weight") if affine else None,
        bias=_constant(r, "bias") if affine else None,
        eps=_eps(r),
    )


def _rms_norm(r: NodeReading) -> int | list[int]:
    shape, weight = _normalized(r), _constant(r, "weight")
    return r.as_torch("rms_norm", input=r["input"], normalized_shape=shape, weight=weight)


def _local_response_norm(r: NodeReading) -> int | list[int]:
    given = {"alpha": r.get("alpha", 1e-4), "beta": r.get("beta", 0.75), "k": r.get("bias", 1.0)}
    return r.as_torch("local_response_norm", input=r["input"], size=r["size"], **given)


def _max_pool(r: NodeReading) -> int:
    return _pool(r, "max_pool", dilation=_spread(r, "dilations"))


def _avg_pool(r: NodeReading) -> int:
    if set(_spread(r, "dilations")) != {1}:
        raise Unreadable("a mean of spread elements")
    if _hangs_over_all(r) and not r.get("count_include_pad", 0):
        return r.emit("global_avg_pool", r["input"], y=r.y)
    return _pool(r, "avg_pool", count_include_pad=bool(r.get("count_include_pad", 0)))


def _hangs_over_all(r: NodeReading) -> bool:
    """Whether the only window covers the whole input, and elements outside that don't count."""
    kernel = r.ints("kernel_shape") or ()
    sides = _sides(r, kernel, _spread(r, "strides"), _spread(r, "dilations"))
    rows = zip(kernel, sides, r.x.dims[1:], strict=True)
    covered = all(
        before + length <= span <= before + length + after for span, (before, after), length in rows
    )
    return covered and any(map(any, sides)) and set(r.y.dims[1:]) == {1}


def _spread(r: NodeReading, name: str) -> tuple[int, ...]:
    return r.ints(name, (1,) * (len(r.x.dims) - 1)) or ()


def _pool(r: NodeReading, op: str, **more: Any) -> int:
    """A pool, which takes the same padding on both sides.

    More at the end is what `ceil_mode` comes to, where elements outside don't count; zeros that
    count are an op of their own.
    """
    kernel, stride = r.ints("kernel_shape") or (), _spread(r, "strides")
    sides = _sides(r, kernel, stride, _spread(r, "dilations"))
    given = {"kernel_size": kernel, "stride": stride, **more}
    before = tuple(first for first, _ in sides)
    even = all(first == last for first, last in sides)
    # Without padding there is none to count, and torch counts it unless told.
    if not any(map(any, sides)) and not r["ceil_mode"] and op == "avg_pool":
        given["count_include_pad"] = True
    if not even and more.get("count_include_pad"):
        padded = r.emit("zero_pad", r["input"], padding=sides)
        return r.emit(op, padded, padding=(0,) * len(kernel), **given, y=r.y)
    ceil = bool(r.get("ceil_mode", 0)) or not even
    return r.emit(op, r["input"], padding=before, ceil_mode=ceil, **given, y=r.y)


def _global(kind: str) -> Any:
    return lambda r: r.emit(f"global_{kind}_pool", r["input"], y=r.y)


def _attention(r: NodeReading) -> int | list[int]:
    if (
        any(r[name] is not None for name in ("past_key", "past_value", "nonpad_kv_seqlen"))
        or r["softcap"]
    ):
        raise Unreadable("a cache of keys")
    heads = (r["q_num_heads"], r["kv_num_heads"], r["kv_num_heads"])
    names = ("query", "key", "value")
    if len(r.x.dims) == 2 and r.x.batch == 0:
        inputs = [_heads(r, name, count) for name, count in zip(names, heads, strict=True)]
    else:
        inputs = [r.source(r[name]) for name in names]
    if r["attn_mask"] is not None:
        inputs.append(r.source(r["attn_mask"]))
    scale = {} if r["scale"] is None else {"scale": r["scale"]}
    causal = bool(r.get("is_causal", 0))
    at = r.emit("scaled_dot_product_attention", *inputs, causal=causal, **scale)
    if len(r.x.dims) == 2 and r.x.batch == 0:
        at = r.emit("permute", at, axes=(1, 0, 2))
    return r.shaped(at)


def _heads(r: NodeReading, name: str, count: int) -> int:
    """Length x (heads x features) as heads x length x features."""
    length, features = r.layout(r[name]).dims
    at = r.emit("reshape", r[name], shape=(length, count, features // count))
    return r.emit("permute", at, axes=(1, 0, 2))


_CONV = ("input", "weight", "bias")
_NORM = ("input", "weight", "bias", "running_mean", "running_var")

LAYER_NODES = {
    "Conv": (_CONV, _conv),
    "ConvTranspose": (_CONV, _conv_transpose),
    "Gemm": (_CONV, _gemm),
    "MatMul": (("input", "weight"), _matmul),
    "BatchNormalization": (_NORM, _batch_norm),
    "InstanceNormalization": (_CONV, _instance_norm),
    "GroupNormalization": (_CONV, _group_norm),
    "LayerNormalization": (_CONV, _layer_norm),
    "RMSNormalization": (_CONV[:2], _rms_norm),
    "LRN": (("input",), _local_response_norm),
    "MaxPool": (("input",), _max_pool),
    "AveragePool": (("input",), _avg_pool),
    "GlobalAveragePool": (("input",), _global("avg")),
    "GlobalMaxPool": (("input",), _global("max")),
    "Attention": (
        ("query", "key", "value", "attn_mask", "past_key", "past_value", "nonpad_kv_seqlen"),
        _attention,
    ),
}
