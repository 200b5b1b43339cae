"""What ptflops counts with its backend `aten` (ptflops 0.7.5, aten_ops.py).

Multiply-adds of the convolutions and matrix products that torch dispatches, and one for each
output element with a bias. Nothing else counts.
"""

from sepconv_cli.conventions import Convention

CONVENTION = Convention(
    name="ptflops-aten",
    meaning="ptflops' MACs, backend aten: multiply-adds and biases",
    unit="MAC",
    weights={("multiply_add", "kernel"): 1, ("add", "bias"): 1},
    reasons={
        "multiplications": "one each",
        "convolution bias": "one for each output element",
        "linear bias": "one for each output element",
    },
)
