"""What torch's own FlopCounterMode counts (torch/utils/flop_counter.py).

Two for each multiply-add of the convolutions and matrix products that torch dispatches,
attention's among them. Biases and everything else count nothing.
"""

from sepconv_cli.conventions import Convention

CONVENTION = Convention(
    name="torch",
    meaning="torch FlopCounterMode's FLOPs: two for each multiply-add of matrix products",
    unit="FLOP",
    weights={("multiply_add", "kernel"): 2},
    reasons={"multiplications": "one each", "additions": "one for each product that is summed"},
)
