"""What fvcore's FlopCountAnalysis counts (fvcore 0.1.5, flop_count.py and jit_handles.py).

One for each fused multiply-add of convolutions and linear layers, and two for each element
of an affine batch norm (one without the affine map). The other norms are 5 for each element
("just a rough estimate"), 4 without the affine map. Over two axes, though not over one or
three, an adaptive average pool is one for each input element, and upsampling one for each
output element, or four where it is bilinear. Biases, activations and other pools are not
counted.
"""

from typing import Any

from sepconv_cli.conventions import Convention, Style, Terms, Weights
from sepconv_cli.conventions._counting import (
    MULTIPLY_ADDS,
    NORMS,
    PRODUCTS,
    RECURRENT,
    attention_between,
    for_each,
    norm,
    nothing,
    off,
    per_output,
    weighed,
    written_out,
)
from sepconv_cli.network import Node

_NORM: Weights = {("multiply_add", "norm"): 1}

_products = weighed(MULTIPLY_ADDS)


def _conv(node: Node, style: Style) -> Terms | None:
    """The handle reads padding as numbers, finds none in a string, and counts nothing."""
    op: Any = node.op
    if style.string_padding and op.string_padding:
        return off(node, 0, bias=False)
    return _products(node, style)


def _adaptive_pool(node: Node, style: Style) -> Terms | None:
    """It has no handle for the pools over one and three axes."""
    return {"adaptive pools": node.x.elements} if len(node.x.size) == 2 else None


def _upsample(node: Node, style: Style) -> Terms | None:
    op: Any = node.op
    weight = {"nearest": 1, "bilinear": 4}[op.mode]
    return {"upsampling": weight * node.y.elements} if len(node.x.size) == 2 else None


def _interpolate(node: Node, style: Style) -> Terms | None:
    """Over two axes it knows three of the modes."""
    op: Any = node.op
    if op.mode == "area":
        return _adaptive_pool(node, style)
    return _upsample(node, style) if op.mode in ("nearest", "bilinear") else None


CONVENTION = Convention(
    name="fvcore",
    meaning="fvcore's flops: multiply-adds, norms, adaptive average pools and upsampling",
    unit="MAC",
    knows={
        **for_each((*PRODUCTS, "multi_head_attention"), _products),
        **for_each(("conv", "fixed_conv"), _conv),
        "batch_norm": weighed(_NORM),
        **for_each(NORMS, norm(4, affine=5)),
        **for_each(("adaptive_avg_pool", "global_avg_pool"), _adaptive_pool),
        "upsample": _upsample,
        "interpolate": _interpolate,
        "grid_sample": per_output("upsampling", 4),
        **for_each(("matmul", "dynamic_conv"), _products),
        **for_each(("scaled_dot_product_attention", *RECURRENT), written_out(_products)),
        **for_each(("relu", "floor", "clamp", "embedding"), nothing),
    },
    reasons={
        "multiplications": "one each",
        "batch norm": "two for each element, one without the affine map",
        "other norms": "five for each element, four without the affine map: a rough estimate",
        "adaptive pools": "one for each input element of average pools over two axes",
        "upsampling": "one for each output element over two axes, four where it is bilinear "
        "or at given places",
        "miscounted": 'a convolution whose padding is the string "same" counts nothing',
    },
    notes=(
        "Its unit is called flop and is a multiply-add.",
        "Its printed tables don't name the operators that it left out; its analysis object does.",
    ),
    not_comparable=attention_between(MULTIPLY_ADDS),
)
