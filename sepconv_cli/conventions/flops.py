"""Floating-point operations: every multiplication, addition and division is one.

A multiply-add is two, so a convolution has twice its multiplications (the first product is
added to nothing, which is counted all the same, as everywhere), and one more for each output
element with a bias. Norms, average pools, interpolation, shortcuts and the arithmetic of
activations are counted by the same rule. Comparisons (ReLU, max pools) and transcendental
functions (exp, erf, square roots) are not.
"""

from sepconv_cli.conventions import Convention
from sepconv_cli.network import Kind, Role

_ROLES: tuple[Role, ...] = ("kernel", "bias", "norm", "activation", "pool", "merge")
_EACH: dict[Kind, int] = {"multiply_add": 2, "multiply": 1, "add": 1, "divide": 1}

CONVENTION = Convention(
    name="flops",
    meaning="every multiplication, addition and division; a multiply-add is two",
    unit="FLOP",
    weights={(kind, role): weight for kind, weight in _EACH.items() for role in _ROLES},
    reasons={
        "multiplications": "one each",
        "additions": "one for each product that is summed",
        "convolution bias": "one for each output element",
        "linear bias": "one for each output element",
        "batch norm": "two multiply-adds for each element, one without the affine map",
        "other norms": "the arithmetic of mean, variance and affine map",
        "activations": "their multiplications, additions and divisions; no comparisons, no exp",
        "pools": "additions and divisions of average pools",
        "adaptive pools": "additions and divisions of average pools",
        "upsampling": "four multiply-adds for each output element where it is bilinear",
        "merges": "one for each addition or multiplication of branches",
    },
)
