"""The "FLOPs" of the authors of blueprint convolutions (Haase & Amthor 2020, arXiv:2003.13549).

What the profiler of their reference implementation prints (bsconv 0.4.0, pytorch/profile.py):
one for each fused multiply-add of convolutions and linear layers, one for each output element
with a bias, two for each element of an affine batch norm (one without the affine map), one
for each output element of a plain ReLU, and one for each input element of a pool. ReLU6,
hard-swish, transposed convolutions, other norms, additions and the multiplication of
squeeze-and-excitation are not counted.
"""

from sepconv_cli.conventions import Convention, Terms
from sepconv_cli.conventions._rules import (
    ADAPTIVE_POOLS,
    MERGES,
    NORMS,
    POOLS,
    SIGMOIDS,
    for_each,
    inputs,
    modules_only,
    not_attention,
    off,
    outputs,
)
from sepconv_cli.conventions._style import Style
from sepconv_cli.network import Node

# The profiler knows modules only, and warns once of the classes that it doesn't know.
_UNKNOWN = frozenset(
    {
        "conv_transpose",
        *NORMS,
        "relu6",
        "leaky_relu",
        "prelu",
        "elu",
        "silu",
        "gelu",
        "softmax",
        *SIGMOIDS,
        "upsample",
        *MERGES,
    }
)


def _linear(node: Node, style: Style) -> Terms | None:
    """It multiplies all that arrives with all that leaves, whatever the positions."""
    if not node.x.size:
        return None
    bias = node.y.elements if getattr(node.op, "bias", False) else 0
    return off(node, node.x.elements * node.y.elements + bias)


def _not_comparable(node: Node, style: Style) -> str | None:
    if node.op.name == "conv" and len(node.x.size) == 1:
        return "the profiler fails on a convolution over one axis"
    return not_attention(node, style)


CONVENTION = Convention(
    name="bsconv",
    meaning="the BSConv authors' FLOPs: multiply-adds, biases, batch norm, ReLU and pools",
    unit="MAC",
    weights={
        ("multiply_add", "kernel"): 1,
        ("multiply_add", "norm"): 1,
        ("add", "bias"): 1,
    },
    rules={
        "linear": _linear,
        # Transposed convolutions are none of the modules that it knows.
        "conv_transpose": lambda node, style: {},
        "relu": modules_only(outputs("activations")),
        **for_each(POOLS, modules_only(inputs("pools"))),
        **for_each(ADAPTIVE_POOLS, modules_only(inputs("adaptive pools"))),
        **for_each(NORMS, lambda node, style: {}),
    },
    reasons={
        "multiplications": "one each, but none of a transposed convolution",
        "convolution bias": "one for each output element",
        "linear bias": "one for each output element",
        "batch norm": "two for each element, one without the affine map",
        "activations": "one for each element of a plain ReLU; no other activation",
        "miscounted": "a linear layer over the last axis multiplies all inputs with all outputs",
        "pools": "one for each input element",
        "adaptive pools": "one for each input element",
    },
    unknown=_UNKNOWN,
    not_comparable=_not_comparable,
)
