"""The "FLOPs" of the authors of blueprint convolutions (Haase & Amthor 2020, arXiv:2003.13549).

What their reference implementation prints for its networks: one for each fused multiply-add
of convolutions and linear layers, one for each output element with a bias, two for each
element of an affine batch norm (one without the affine map), one for each output element of
a plain ReLU, and one for each input element of a pool. ReLU6, hard-swish, hard-sigmoid,
additions and the multiplication of squeeze-and-excitation are not counted.
"""

from sepconv_cli.conventions import Convention
from sepconv_cli.network import Node


def _special(node: Node) -> int | None:
    """Of all activations the plain ReLU alone; of a pool what arrives, whatever its window."""
    name = node.op.name
    if name == "relu":
        return node.y.elements
    return node.x.elements if name.endswith("_pool") else None


CONVENTION = Convention(
    name="bsconv",
    meaning="the BSConv authors' FLOPs: multiply-adds, biases, batch norm, ReLU and pools",
    unit="FLOP",
    weights={
        ("multiply_add", "kernel"): 1,
        ("multiply_add", "norm"): 1,
        ("add", "bias"): 1,
    },
    special=_special,
)
