"""What torch's own FlopCounterMode counts (torch/utils/flop_counter.py).

Two for each multiply-add of the convolutions and matrix products that torch dispatches,
attention's among them. Biases and everything else count nothing.
"""

from sepconv_cli.conventions import Convention, Weights
from sepconv_cli.conventions._counting import (
    ATTENTIONS,
    PRODUCTS,
    WITHOUT_PRODUCTS,
    attention_by_kernel,
    for_each,
    nothing,
    weighed,
)

_BOTH: Weights = {("multiply_add", "kernel"): 2}

CONVENTION = Convention(
    name="torch",
    meaning="torch FlopCounterMode's FLOPs: two for each multiply-add of matrix products",
    unit="FLOP",
    knows={
        **for_each(
            (*PRODUCTS, "fixed_conv", "dynamic_conv", "matmul", "gru", "rnn", *ATTENTIONS),
            weighed(_BOTH),
        ),
        **for_each(WITHOUT_PRODUCTS, nothing),
    },
    reasons={"multiplications": "one each", "additions": "one for each product that is summed"},
    not_comparable=attention_by_kernel(_BOTH),
)
