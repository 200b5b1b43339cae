"""What fvcore's FlopCountAnalysis counts (fvcore 0.1.5, flop_count.py and jit_handles.py).

One for each fused multiply-add of convolutions and linear layers, and two for each element
of an affine batch norm (one without the affine map). The other norms are 5 for each element
("just a rough estimate"), 4 without the affine map. Over two axes, though not over one or
three, an adaptive average pool is one for each input element, and upsampling one for each
output element, or four where it is bilinear. Biases, activations and other pools are not
counted.
"""

from typing import Any

from sepconv_cli.conventions import Convention, Terms
from sepconv_cli.conventions._rules import MERGES, NORMS, POOLS, SIGMOIDS, for_each, norm, off
from sepconv_cli.conventions._style import Style
from sepconv_cli.network import Node


def _conv(node: Node, style: Style) -> Terms | None:
    """The handle reads padding as numbers, finds none in a string, and counts nothing."""
    op: Any = node.op
    return off(node, 0, bias=False) if style.string_padding and op.keeps_size else None


def _adaptive_pool(node: Node, style: Style) -> Terms:
    """It has no handle for the pools over one and three axes."""
    return {"adaptive pools": node.x.elements} if len(node.x.size) == 2 else {}


def _upsample(node: Node, style: Style) -> Terms | None:
    op: Any = node.op
    weight = {"nearest": 1, "bilinear": 4}[op.mode]
    return {"upsampling": weight * node.y.elements} if len(node.x.size) == 2 else None


def _interpolate(node: Node, style: Style) -> Terms:
    """It knows three of the modes, over two axes."""
    op: Any = node.op
    if len(node.x.size) != 2:
        return {}
    if op.mode == "area":
        return _adaptive_pool(node, style)
    weight = {"nearest": 1, "bilinear": 4}.get(op.mode)
    return {"upsampling": weight * node.y.elements} if weight else {}


CONVENTION = Convention(
    name="fvcore",
    meaning="fvcore's flops: multiply-adds, norms, adaptive average pools and upsampling",
    unit="MAC",
    weights={("multiply_add", "kernel"): 1, ("multiply_add", "norm"): 1},
    rules={
        "conv": _conv,
        **for_each(("adaptive_avg_pool", "global_avg_pool"), _adaptive_pool),
        **for_each(NORMS, norm(4, affine=5)),
        "upsample": _upsample,
        "interpolate": _interpolate,
        **for_each(("local_response_norm", "rms_norm"), lambda node, style: {}),
    },
    reasons={
        "multiplications": "one each",
        "batch norm": "two for each element, one without the affine map",
        "other norms": "five for each element, four without the affine map: a rough estimate",
        "adaptive pools": "one for each input element of average pools over two axes",
        "upsampling": "one for each output element over two axes, four where it is bilinear",
        "miscounted": 'a convolution whose padding is the string "same" counts nothing',
    },
    unknown=frozenset(
        {
            "prelu",
            "elu",
            "relu6",
            "leaky_relu",
            "gelu",
            "silu",
            "softmax",
            *SIGMOIDS,
            *POOLS,
            "adaptive_max_pool",
            "global_max_pool",
            *MERGES,
        }
    ),
    notes=(
        "Its unit is called flop and is a multiply-add.",
        "Its printed tables don't name the operators that it left out; its analysis object does.",
    ),
)
