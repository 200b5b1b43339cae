"""Layers with weights, norms, pools, attention."""

from typing import Any

from sepconv_cli.importing.reading import Readers, Reading, Unreadable
from sepconv_cli.importing.steps import Held


def _conv(r: Reading) -> int:
    weight = r.layout(r["weight"]).dims
    kernel = weight[2:]
    dilation = r.axes("dilation", 1)
    return r.emit(
        "conv",
        r["input"],
        out_channels=weight[0],
        kernel_size=kernel,
        stride=r.axes("stride", 1),
        padding=_padding(r, kernel, dilation),
        dilation=dilation,
        groups=r.get("groups", 1),
        bias=r["bias"] is not None,
        held=_held(r, "weight", "bias"),
        y=r.y,
    )


def _padding(
    r: Reading, kernel: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    if r["padding"] == "same":
        totals = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        return tuple((total // 2, total - total // 2) for total in totals)
    if r["padding"] == "valid":
        return ((0, 0),) * len(kernel)
    return tuple(
        sides if isinstance(sides, tuple) else (sides, sides) for sides in r.axes("padding", 0)
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
    return r.emit(
        "linear",
        r["input"],
        out_features=out_features,
        bias=r["bias"] is not None,
        in_features=in_features if len(r.x.dims) > 1 else None,
        held=_held(r, "weight", "bias"),
        y=r.y,
    )


def _batch_norm(r: Reading) -> int:
    if r.x.axis(1) != 0:
        raise Unreadable("the channels aren't the first axis")
    return r.emit(
        "batch_norm",
        r["input"],
        affine=r["weight"] is not None,
        eps=r.get("eps", 1e-5),
        held=_held(r, "weight", "bias", "running_mean", "running_var"),
        y=r.y,
    )


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
    return r.emit(
        "group_norm",
        r["input"],
        num_groups=r["num_groups"],
        eps=r.get("eps", 1e-5),
        affine=r["weight"] is not None,
        held=_held(r, "weight", "bias"),
        y=r.y,
    )


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


def _adaptive(r: Reading, kind: str) -> int:
    size = r.y.dims[1:]
    if set(size) == {1}:
        return r.emit(f"global_{kind}_pool", r["input"], y=r.y)
    return r.emit(f"adaptive_{kind}_pool", r["input"], output_size=size, y=r.y)


def _attention(r: Reading) -> int:
    if r["attn_mask"] is not None and r.is_constant(r["attn_mask"]):
        raise Unreadable("a mask")
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


def _held(r: Reading, *names: str) -> list[Held]:
    return [r.held(r[name]) for name in names if r[name] is not None]


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
    "local_response_norm": (("input", "size", "alpha", "beta", "k"), _local_response_norm),
    **{
        f"max_pool{n}d": ((*_POOL, "dilation", "ceil_mode", "return_indices"), _max_pool)
        for n in _AXES
    },
    **{
        f"avg_pool{n}d": (
            (*_POOL, "ceil_mode", "count_include_pad", "divisor_override"),
            _avg_pool,
        )
        for n in _AXES
    },
    **{
        f"adaptive_avg_pool{n}d": (("input", "output_size"), lambda r: _adaptive(r, "avg"))
        for n in _AXES
    },
    **{
        f"adaptive_max_pool{n}d": (("input", "output_size"), lambda r: _adaptive(r, "max"))
        for n in _AXES
    },
    "scaled_dot_product_attention": (
        ("query", "key", "value", "attn_mask", "dropout_p", "is_causal", "scale"),
        _attention,
    ),
}
