"""What calflops prints as MACs (calflops 0.3.2, pytorch_ops.py).

Multiply-adds of convolutions, linear layers and matrix products, and nothing else. A grouped
transposed convolution is divided by its groups twice.
"""

from sepconv_cli.conventions import Convention, Style, Terms, weigh
from sepconv_cli.conventions._counting import (
    MULTIPLY_ADDS,
    WITHOUT_PRODUCTS,
    for_each,
    nothing,
    off,
    weighed,
)
from sepconv_cli.conventions.calflops import (
    conv_macs,
    not_comparable,
    padded_by_string,
    transposed_macs,
)
from sepconv_cli.network import Node


def _conv(node: Node, style: Style) -> Terms:
    if not padded_by_string(node, style):
        return weigh(node, MULTIPLY_ADDS)
    return off(node, conv_macs(node), bias=False)


def _conv_transpose(node: Node, style: Style) -> Terms:
    return off(node, transposed_macs(node), bias=False)


CONVENTION = Convention(
    name="calflops-macs",
    meaning="calflops' MACs: multiply-adds of matrix products",
    unit="MAC",
    knows={
        **for_each(("conv", "fixed_conv"), _conv),
        "conv_transpose": _conv_transpose,
        **for_each(("linear", "matmul", "dynamic_conv"), weighed(MULTIPLY_ADDS)),
        **for_each(WITHOUT_PRODUCTS, nothing),
    },
    reasons={
        "multiplications": "one each",
        "miscounted": "transposed convolutions are divided by their groups twice; "
        'padding="same" of an even kernel loses a position',
    },
    not_comparable=not_comparable,
)
