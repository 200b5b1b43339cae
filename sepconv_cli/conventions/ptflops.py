"""What ptflops counts with its backend `pytorch`, the default (ptflops 0.7.5, pytorch_ops.py).

Multiply-adds of convolutions and linear layers, one for each output element with a bias, two
for each element of an affine batch, group or instance norm (one without the affine map, and for
layer norm). Activations and pools are one for each input element, upsampling one for each
output element; but as modules most of them are counted twice, since both a hook on the
module and a patch of the function that it calls count.
"""

from math import prod
from typing import Any

from sepconv_cli.conventions import Convention, Counting, Style, Terms
from sepconv_cli.conventions._counting import (
    ADAPTIVE_POOLS,
    BIASED,
    POOLS,
    PRODUCTS,
    as_modules_of_torch,
    beside_products,
    for_each,
    local_response,
    modules_only,
    norm,
    not_attention,
    nothing,
    per_input,
    per_output,
    weighed,
)
from sepconv_cli.network import Node


def _twice(counting: Counting) -> Counting:
    """A module whose hook and whose function both count; called as a function, one does."""

    def counted(node: Node, style: Style) -> Terms:
        once = counting(node, style) or {}
        return once if style.functions else {**once, "counted twice": sum(once.values())}

    return counted


def _prelu(node: Node, style: Style) -> Terms:
    """It has weights, and is a module in any style."""
    return {"activations": node.x.elements, "counted twice": node.x.elements}


def _interpolate(node: Node, style: Style) -> Terms:
    """The function counts what its factors make of the input, without rounding the size down;
    and where they differ, rounds each factor. `area` calls a pool that counts too."""
    op: Any = node.op
    factors = op.scale_factor or ()
    if not factors:
        called = node.y.elements
    elif len(set(factors)) == 1:
        called = int(node.x.elements * prod(factors))
    else:
        called = node.x.elements * prod(map(int, factors))
    pooled: Terms = {"adaptive pools": node.x.elements} if op.mode == "area" else {}
    if style.functions:
        return {"upsampling": called, **pooled}
    return {"upsampling": node.y.elements, **pooled, "counted twice": called}


CONVENTION = Convention(
    name="ptflops",
    meaning="ptflops' MACs, backend pytorch: multiply-adds, biases, norms, activations, pools",
    unit="MAC",
    knows={
        **for_each((*PRODUCTS, "matmul"), weighed(BIASED)),
        **beside_products({"lstm": 10, "gru": 7, "rnn": 1}, weighed(BIASED)),
        "batch_norm": as_modules_of_torch(norm(1, affine=2)),
        **for_each(("group_norm", "instance_norm"), norm(1, affine=2)),
        "local_response_norm": local_response,
        "layer_norm": norm(1, affine=1),
        **for_each(("relu", "elu", "gelu"), _twice(per_input("activations"))),
        "prelu": _prelu,
        "leaky_relu": modules_only(per_input("activations")),
        **for_each(("relu6", "silu", "softmax"), per_input("activations")),
        **for_each(POOLS, _twice(per_input("pools"))),
        **for_each(ADAPTIVE_POOLS, _twice(per_input("adaptive pools"))),
        "upsample": _twice(per_output("upsampling")),
        "interpolate": _interpolate,
        "embedding": nothing,
    },
    reasons={
        "multiplications": "one each",
        "convolution bias": "one for each output element",
        "linear bias": "one for each output element",
        "batch norm": "two for each element, one without the affine map",
        "other norms": "group and instance norm as batch norm; layer norm one for each element",
        "activations": "one for each element of those that it lists, softmax among them",
        "recurrent gates": "ten, seven and one for each element of the state of lstm, gru and rnn",
        "pools": "one for each input element",
        "adaptive pools": "one for each input element",
        "upsampling": "one for each output element",
        "counted twice": "as modules, ReLU, ELU, GELU, PReLU, pools and upsampling count again",
    },
    notes=(
        "Whatever the batch, it counts one sample.",
        "torch.add and torch.mul would count one for each element; + and * count nothing.",
    ),
    not_comparable=not_attention,
)
