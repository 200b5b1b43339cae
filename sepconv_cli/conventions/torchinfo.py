"""What torchinfo prints as total mult-adds (torchinfo 1.8, layer_info.py).

The parameters of a module, biases among them, times the positions that a convolution puts out,
or once for every other module: so a norm counts its parameters, and a linear layer over
several positions counts as if there were one. A transposed convolution is counted by its
output's positions, too high by as much as the output is larger than the input.
"""

from collections.abc import Mapping
from math import prod
from typing import Any

from sepconv_cli.conventions import Convention, Style, Term, Terms, term, weigh
from sepconv_cli.conventions._counting import (
    BIASED,
    LEARNED,
    NORMS,
    RECURRENT,
    WITHOUT_PRODUCTS,
    for_each,
    not_attention,
    nothing,
    off,
    weighed,
)
from sepconv_cli.network import Node


def _conv_transpose(node: Node, style: Style) -> Terms:
    return off(node, node.op.parameters(node.x) * prod(node.y.size))


def _linear(node: Node, style: Style) -> Terms:
    return off(node, node.op.parameters(node.x)) if node.x.size else weigh(node, BIASED)


def _parameters(node: Node, style: Style) -> Terms:
    op: Any = node.op
    what = _TERMS.get(op.name, term(node, "norm"))
    # Of what is made of other parameters the module has these under a name that it leaves out.
    return {what: 0 if "parts" in op.parameter_shapes(node.x) else op.parameters(node.x)}


_TERMS: Mapping[str, Term] = {
    "prelu": "activations",
    "embedding": "embeddings",
    **dict.fromkeys(LEARNED, "learned tensors"),
}


CONVENTION = Convention(
    name="torchinfo",
    meaning="torchinfo's mult-adds: weights and biases times output positions, norms' parameters",
    unit="MAC",
    knows={
        "conv": weighed(BIASED),
        "conv_transpose": _conv_transpose,
        "linear": _linear,
        **for_each(WITHOUT_PRODUCTS, nothing),
        **for_each(RECURRENT, weighed(BIASED)),
        **for_each(("batch_norm", *NORMS, "rms_norm", "prelu", "embedding", *LEARNED), _parameters),
    },
    reasons={
        "multiplications": "one each",
        "convolution bias": "one for each output element",
        "linear bias": "one for each output element",
        "batch norm": "its parameters, once",
        "other norms": "their parameters, once",
        "activations": "the parameters of PReLU, once",
        "embeddings": "their parameters, once",
        "learned tensors": "their parameters, once, where they have a module of their own",
        "miscounted": "transposed convolutions by their output's size; a linear layer over "
        "several positions as one",
    },
    notes=("Only what has parameters counts; a module without is 0 mult-adds.",),
    not_comparable=not_attention,
)
