"""What calflops prints as MACs (calflops 0.3.2, pytorch_ops.py).

Multiply-adds of convolutions, linear layers and matrix products, and nothing else. A grouped
transposed convolution is divided by its groups twice.
"""

from sepconv_cli.conventions import Convention, Terms
from sepconv_cli.conventions._rules import off
from sepconv_cli.conventions._style import Style
from sepconv_cli.conventions.calflops import conv_macs, not_comparable, transposed_macs
from sepconv_cli.network import Node


def _conv(node: Node, style: Style) -> Terms | None:
    macs = conv_macs(node, style)
    return None if macs is None else off(node, macs, bias=False)


def _conv_transpose(node: Node, style: Style) -> Terms:
    return off(node, transposed_macs(node), bias=False)


CONVENTION = Convention(
    name="calflops-macs",
    meaning="calflops' MACs: multiply-adds of matrix products",
    unit="MAC",
    weights={("multiply_add", "kernel"): 1},
    rules={"conv": _conv, "conv_transpose": _conv_transpose},
    reasons={
        "multiplications": "one each",
        "miscounted": "transposed convolutions are divided by their groups twice; "
        'padding="same" of an even kernel loses a position',
    },
    not_comparable=not_comparable,
)
