"""The "FLOPs" of the authors of blueprint convolutions (Haase & Amthor 2020, arXiv:2003.13549).

What the profiler of their reference implementation prints (bsconv 0.4.0, pytorch/profile.py):
one for each fused multiply-add of convolutions and linear layers, one for each output element
with a bias, two for each element of an affine batch norm (one without the affine map), one
for each output element of a plain ReLU, and one for each input element of a pool. ReLU6,
hard-swish, transposed convolutions, other norms, additions and the multiplication of
squeeze-and-excitation are not counted.
"""

from sepconv_cli.conventions import Convention, Style, Terms, Weights, weigh
from sepconv_cli.conventions._counting import (
    ADAPTIVE_POOLS,
    BIASED,
    POOLS,
    as_modules_of_torch,
    for_each,
    modules_only,
    not_attention,
    off,
    per_input,
    per_output,
    weighed,
)
from sepconv_cli.network import Node

_NORM: Weights = {("multiply_add", "norm"): 1}


def _linear(node: Node, style: Style) -> Terms:
    """It multiplies all that arrives with all that leaves, whatever the positions."""
    if not node.x.size:
        return weigh(node, BIASED)
    bias = node.y.elements if getattr(node.op, "bias", False) else 0
    return off(node, node.x.elements * node.y.elements + bias)


def _not_comparable(node: Node, style: Style) -> str | None:
    if node.op.name == "conv" and len(node.x.size) == 1:
        return "the profiler fails on a convolution over one axis"
    if node.op.name == "embedding":
        return "the profiler makes an input of its own, whose numbers are no indices"
    return not_attention(node, style)


CONVENTION = Convention(
    name="bsconv",
    meaning="the BSConv authors' FLOPs: multiply-adds, biases, batch norm, ReLU and pools",
    unit="MAC",
    knows={
        "conv": weighed(BIASED),
        "linear": _linear,
        "batch_norm": as_modules_of_torch(weighed(_NORM)),
        "relu": modules_only(per_output("activations")),
        **for_each(POOLS, modules_only(per_input("pools"))),
        **for_each(ADAPTIVE_POOLS, modules_only(per_input("adaptive pools"))),
    },
    reasons={
        "multiplications": "one each",
        "convolution bias": "one for each output element",
        "linear bias": "one for each output element",
        "batch norm": "two for each element, one without the affine map",
        "activations": "one for each element of a plain ReLU; no other activation",
        "miscounted": "a linear layer over the last axis multiplies all inputs with all outputs",
        "pools": "one for each input element",
        "adaptive pools": "one for each input element",
    },
    not_comparable=_not_comparable,
)
