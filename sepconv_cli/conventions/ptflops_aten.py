"""What ptflops counts with its backend `aten` (ptflops 0.7.5, aten_ops.py).

Multiply-adds of the convolutions and matrix products that torch dispatches, and one for each
output element with a bias. Nothing else counts.
"""

from sepconv_cli.conventions import Convention
from sepconv_cli.conventions._counting import (
    ATTENTIONS,
    BIASED,
    PRODUCTS,
    WITHOUT_PRODUCTS,
    attention_by_kernel,
    for_each,
    nothing,
    weighed,
)

CONVENTION = Convention(
    name="ptflops-aten",
    meaning="ptflops' MACs, backend aten: multiply-adds and biases",
    unit="MAC",
    knows={
        **for_each(
            (*PRODUCTS, "fixed_conv", "dynamic_conv", "matmul", "gru", "rnn", *ATTENTIONS),
            weighed(BIASED),
        ),
        **for_each(WITHOUT_PRODUCTS, nothing),
    },
    reasons={
        "multiplications": "one each",
        "convolution bias": "one for each output element",
        "linear bias": "one for each output element",
    },
    not_comparable=attention_by_kernel(BIASED),
)
