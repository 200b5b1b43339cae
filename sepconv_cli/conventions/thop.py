"""What thop's profile returns as its first number (thop 0.1.1, vision/basic_hooks.py).

Multiply-adds of convolutions and linear layers without their biases, and a count of its own for
norms, average pools, softmax and upsampling. It hooks modules, so a call of
torch.nn.functional is not seen. A transposed convolution is counted as if it were a
convolution with that output, too high by as much as the output is larger than the input.
"""

from math import prod
from typing import Any

from sepconv_cli.conventions import Convention, Style, Terms
from sepconv_cli.conventions._counting import (
    BIASED,
    MULTIPLY_ADDS,
    as_modules_of_torch,
    beside_products,
    for_each,
    modules_only,
    norm,
    not_attention,
    nothing,
    off,
    per_output,
    weighed,
)
from sepconv_cli.network import Node


def _conv_transpose(node: Node, style: Style) -> Terms:
    op: Any = node.op
    products = node.y.elements * (node.x.channels // op.groups) * prod(op.kernel_size)
    return off(node, products, bias=False)


def _softmax(node: Node, style: Style) -> Terms:
    """An exp and a division for each element, and the additions between them."""
    op: Any = node.op
    summed = node.x.axes[op.axis]
    return {"activations": node.x.elements // summed * (3 * summed - 1)}


def _adaptive_pool(node: Node, style: Style) -> Terms:
    """The window's mean size and a division for each output, rounded down as a float is."""
    axes = list(zip(node.x.size, node.y.size, strict=True))
    if not any(n % m for n, m in axes):
        # As exact as the float, which has 53 bits, and for any number of networks at once.
        return {"adaptive pools": (prod(n // m for n, m in axes) + 1) * node.y.elements}
    window = prod(n / m for n, m in axes)
    return {"adaptive pools": int((window + 1) * node.y.elements)}


def _upsample(node: Node, style: Style) -> Terms:
    op: Any = node.op
    return {"upsampling": {"nearest": 1, "bilinear": 11}[op.mode] * node.y.elements}


def _interpolate(node: Node, style: Style) -> Terms:
    """Of the other modes it says that it takes them as zero."""
    op: Any = node.op
    each = {"nearest": 1, "linear": 5, "bilinear": 11, "bicubic": 259}.get(op.mode)
    return {"upsampling": each * node.y.elements} if each else {}


_ZERO = (
    "relu",
    "relu6",
    "leaky_relu",
    "max_pool",
    "adaptive_max_pool",
    "global_max_pool",
    "embedding",
)

CONVENTION = Convention(
    name="thop",
    meaning="thop's MACs: multiply-adds, norms, average pools, softmax and upsampling",
    unit="MAC",
    knows={
        **for_each(("conv", "linear"), weighed(MULTIPLY_ADDS)),
        "conv_transpose": _conv_transpose,
        "batch_norm": as_modules_of_torch(norm(2, affine=4)),
        **for_each(("instance_norm", "layer_norm"), norm(2, affine=4)),
        "prelu": per_output("activations"),
        "softmax": modules_only(_softmax),
        "avg_pool": modules_only(per_output("pools")),
        **for_each(("adaptive_avg_pool", "global_avg_pool"), modules_only(_adaptive_pool)),
        "upsample": modules_only(_upsample),
        "interpolate": modules_only(_interpolate),
        **beside_products({"lstm": 8, "gru": 7, "rnn": 1}, weighed(BIASED)),
        **for_each(_ZERO, nothing),
    },
    reasons={
        "multiplications": "one each",
        "batch norm": "four for each element, two without the affine map",
        "other norms": "layer and instance norm: four for each element, two without affine map",
        "activations": "one for each element of PReLU; three for each of a softmax, less one for "
        "each position",
        "recurrent gates": "eight, seven and one for each element of the state of lstm, gru, rnn",
        "linear bias": "one for each element of the gates and bias of a recurrent layer; a linear "
        "layer's isn't counted",
        "pools": "one for each output element of average pools",
        "adaptive pools": "one for each input and output element of average pools",
        "upsampling": "one for each output element, five where it is linear, eleven "
        "bilinear, 259 bicubic",
        "miscounted": "a transposed convolution is counted by its output's size",
    },
    notes=(
        "It hooks modules: what is called as a function counts nothing.",
        "ReLU, ReLU6, LeakyReLU and max pools are zero by its rules.",
    ),
    not_comparable=not_attention,
)
