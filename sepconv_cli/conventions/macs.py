"""Multiplications of convolutions and linear layers, as papers on efficient networks count.

Biases, normalisation, activations, pools and additions are not counted. MobileNet's
"Mult-Adds" (arXiv:1704.04861, table 4) is this number.
"""

from sepconv_cli.conventions import Convention

CONVENTION = Convention(
    name="macs",
    meaning="multiplications of convolutions and linear layers",
    unit="MAC",
    weights={("multiply_add", "kernel"): 1},
    reasons={"multiplications": "one each"},
)
