"""What calflops prints as FLOPs (calflops 0.3.2, pytorch_ops.py).

Two for each multiply-add of convolutions and linear layers, one for each output element of a
convolution with a bias (a linear layer's is not counted), two for each element of an affine batch
norm (one without the affine map), five or four of other norms, one for each element of the
activations that it patches, and one for each input element of pools and upsampling. A
grouped transposed convolution is divided by its groups twice.
"""

from collections.abc import Iterable
from math import prod
from typing import Any

from sepconv_cli.conventions import Convention, Style, Term, Terms, Weights, weigh
from sepconv_cli.conventions._counting import (
    ADAPTIVE_POOLS,
    NORMS,
    POOLS,
    beside_products,
    for_each,
    local_response,
    norm,
    not_attention,
    nothing,
    off,
    per_input,
    weighed,
)
from sepconv_cli.network import Node
from sepconv_cli.ops._axes import slide

_CONV: Weights = {("multiply_add", "kernel"): 2, ("add", "bias"): 1}


def padded_by_string(node: Node, style: Style) -> bool:
    """Whether torch is given padding="same"."""
    op: Any = node.op
    return bool(style.string_padding and op.string_padding)


def conv_macs(node: Node) -> int:
    """The multiply-adds of a convolution whose padding is the string "same".

    Half of the kernel less one is taken on both sides, which is one position too few where the
    kernel is even.
    """
    op: Any = node.op
    halves = [(before, before) for before, _ in op.sides]
    each = prod(op.kernel_size) * node.x.channels * (op.out_channels // op.groups)
    return int(prod(_positions(node, halves)) * each)


def transposed_macs(node: Node) -> int:
    """The multiply-adds of a transposed convolution, divided by its groups twice."""
    op: Any = node.op
    each = op.out_channels // op.groups // op.groups
    return int(node.x.elements * each * prod(op.kernel_size))


def _positions(node: Node, padding: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    op: Any = node.op
    return slide(node.x.size, tuple(padding), op.kernel_size, op.dilation, op.stride)


def _conv(node: Node, style: Style) -> Terms:
    if not padded_by_string(node, style):
        return weigh(node, _CONV)
    op: Any = node.op
    macs = conv_macs(node)
    each = prod(op.kernel_size) * node.x.channels // op.groups
    return off(node, 2 * macs + (macs // each if op.bias else 0), each=2)


def _conv_transpose(node: Node, style: Style) -> Terms:
    """Its bias is counted at the positions that a plain convolution would have."""
    op: Any = node.op
    positions = prod(_positions(node, ((padding, padding) for padding in op.padding)))
    bias = op.out_channels // op.groups * positions if op.bias else 0
    return off(node, 2 * transposed_macs(node) + bias, each=2)


def _linear(node: Node, style: Style) -> Terms:
    (products, *_) = node.op.work_on(node.inputs, node.y)
    return {"multiplications": products.amount, "additions": products.amount}


def _recurrent(node: Node, style: Style) -> Terms:
    """Of each sum of products the first is added to nothing, which isn't counted."""
    op: Any = node.op
    terms = dict(weigh(node, _CONV))
    terms["additions"] -= 2 * op.gates * op.hidden_elements(node.x)
    return terms


def _interpolate(node: Node, style: Style) -> Terms:
    """By the size alone, where that is given; `area` calls a pool that counts too."""
    op: Any = node.op
    terms: dict[Term, int] = {
        "upsampling": node.x.elements if op.size is None else prod(op.size),
        **({"adaptive pools": node.x.elements} if op.mode == "area" else {}),
    }
    return terms


def _relu6(node: Node, style: Style) -> Terms | None:
    """The module calls another function, which isn't patched."""
    return {"activations": node.x.elements} if style.functions else None


def not_comparable(node: Node, style: Style) -> str | None:
    """Where calflops fails."""
    op: Any = node.op
    if op.name in ("upsample", "interpolate") and len(set(op.scale_factor or ())) > 1:
        return "it fails on a scale factor for each axis"
    return not_attention(node, style)


CONVENTION = Convention(
    name="calflops",
    meaning="calflops' FLOPs: two for each multiply-add, and norms, activations, pools",
    unit="FLOP",
    knows={
        **for_each(("conv", "fixed_conv"), _conv),
        "conv_transpose": _conv_transpose,
        "linear": _linear,
        "batch_norm": norm(1, affine=2),
        **for_each(NORMS, norm(4, affine=5)),
        **for_each(
            ("relu", "prelu", "elu", "leaky_relu", "silu", "gelu", "softmax"),
            per_input("activations"),
        ),
        "relu6": _relu6,
        **for_each(POOLS, per_input("pools")),
        **for_each(ADAPTIVE_POOLS, per_input("adaptive pools")),
        "upsample": per_input("upsampling"),
        "interpolate": _interpolate,
        **for_each(("matmul", "dynamic_conv"), weighed(_CONV)),
        **beside_products({"lstm": 10, "gru": 7, "rnn": 1}, _recurrent),
        "local_response_norm": local_response,
        "embedding": nothing,
    },
    reasons={
        "multiplications": "one each",
        "additions": "one for each product that is summed",
        "convolution bias": "one for each output element",
        "batch norm": "two for each element, one without the affine map",
        "other norms": "five for each element, four without the affine map",
        "linear bias": "one for each element of the gates and bias of a recurrent layer; a linear "
        "layer's isn't counted",
        "activations": "one for each element of those that it lists, softmax among them",
        "recurrent gates": "ten, seven and one for each element of the state of lstm, gru and rnn",
        "pools": "one for each input element",
        "adaptive pools": "one for each input element",
        "upsampling": "one for each input element, or position of a size that is given",
        "miscounted": "transposed convolutions are divided by their groups twice, and their bias "
        'is counted at another size; padding="same" of an even kernel loses a position',
    },
    notes=("ReLU6 as a module calls a function that it doesn't patch, and counts nothing.",),
    not_comparable=not_comparable,
)
