"""What several tools' conventions are put together from: groups of ops, and ways to count them."""

from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import Any

from sepconv_cli.conventions._convention import Counting, Term, Terms, Weights, term, weigh
from sepconv_cli.conventions._style import Style
from sepconv_cli.network import Node

PRODUCTS = ("conv", "conv_transpose", "linear")
POOLS = ("avg_pool", "max_pool")
ADAPTIVE_POOLS = ("adaptive_avg_pool", "adaptive_max_pool", "global_avg_pool", "global_max_pool")
NORMS = ("group_norm", "instance_norm", "layer_norm")
MORE_ACTIVATIONS = (
    "absolute",
    "affine",
    "ceil",
    "celu",
    "clamp",
    "cos",
    "erf",
    "exp",
    "floor",
    "glu",
    "hard_tanh",
    "log",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "power",
    "round",
    "rsqrt",
    "selu",
    "sign",
    "sin",
    "softplus",
    "sqrt",
)
MORE_MERGES = ("subtract", "divide", "maximum", "minimum")
LEARNED = ("learned", "learned_scale", "learned_shift")
ATTENTIONS = ("multi_head_attention", "scaled_dot_product_attention")
RECURRENT = ("lstm", "gru", "rnn")
WITHOUT_PRODUCTS = (
    "relu",
    "relu6",
    "leaky_relu",
    "prelu",
    "elu",
    "silu",
    "gelu",
    "hard_swish",
    "hard_sigmoid",
    "sigmoid",
    "tanh",
    "softmax",
    "batch_norm",
    *NORMS,
    *POOLS,
    *ADAPTIVE_POOLS,
    "upsample",
    "add",
    "multiply",
    "embedding",
    *MORE_ACTIVATIONS,
    *MORE_MERGES,
    "interpolate",
    "reduce",
    "fold",
    "local_response_norm",
    "rms_norm",
    *LEARNED,
)
"""What a counter of matrix products passes over, and rightly so."""

MULTIPLY_ADDS: Weights = {("multiply_add", "kernel"): 1}
"""One for each fused multiply-add of matrix products."""

BIASED: Weights = {**MULTIPLY_ADDS, ("add", "bias"): 1}
"""The same, and one for each output element with a bias."""


def weighed(weights: Weights) -> Counting:
    """By kind and role of its work."""
    return lambda node, style: weigh(node, weights)


def nothing(node: Node, style: Style) -> Terms:
    """Known, and counted as nothing."""
    return {}


def per_output(what: Term, weight: int = 1) -> Counting:
    """So many for each element that leaves."""
    return lambda node, style: {what: weight * node.y.elements}


def per_input(what: Term, weight: int = 1) -> Counting:
    """So many for each element that arrives."""
    return lambda node, style: {what: weight * node.x.elements}


def norm(each: int, affine: int) -> Counting:
    """So many for each element, or so many where there is an affine map."""

    def counting(node: Node, style: Style) -> Terms:
        op: Any = node.op
        mapped = op.elementwise_affine if op.name == "layer_norm" else op.affine
        return {term(node, "norm"): (affine if mapped else each) * node.x.elements}

    return counting


def for_each(names: Iterable[str], counting: Counting) -> Mapping[str, Counting]:
    """Several ops that are counted alike."""
    return dict.fromkeys(names, counting)


def as_modules_of_torch(counting: Counting) -> Counting:
    """For a tool that hooks the classes of torch, which has no batch norm over four axes."""
    return lambda node, style: None if len(node.x.size) > 3 else counting(node, style)


def written_out(counting: Counting) -> Counting:
    """For a tool that sees the products of an op only where they are written out."""
    return lambda node, style: counting(node, style) if style.products else None


def beside_products(each: Mapping[str, int], counting: Counting) -> Mapping[str, Counting]:
    """Recurrent layers, with so many for each element of the hidden state in each step and pass."""

    def counted(node: Node, style: Style) -> Terms:
        op: Any = node.op
        states = each[op.name] * op.hidden_elements(node.x)
        return {**(counting(node, style) or {}), "recurrent gates": states}

    return for_each(each, counted)


def local_response(node: Node, style: Style) -> Terms:
    """Three functions of each element, and a pool over the channels with what is padded."""
    op: Any = node.op
    padded = (node.x.channels + op.size - 1) * prod(node.x.size)
    return {"other norms": 3 * node.x.elements, "pools": padded}


def modules_only(counting: Counting) -> Counting:
    """For a tool that hooks modules and doesn't see a function called."""
    return lambda node, style: None if style.functions else counting(node, style)


def off(node: Node, counted: int, each: int = 1, bias: bool = True) -> Terms:
    """A layer of whose multiplications a tool may be mistaken: the true terms, and the difference.

    `each` is what a multiply-add counts, `bias` whether the layer's bias does.
    """
    work = list(node.op.work_on(node.inputs, node.y))
    true = sum(item.amount for item in work if item.role == "kernel")
    added = sum(item.amount for item in work if item.role == "bias") if bias else 0
    terms: dict[Term, int] = {"multiplications": true}
    if each > 1:
        terms["additions"] = (each - 1) * true
    if added:
        terms[term(node, "bias")] = added
    mistake = counted - sum(terms.values())
    return {**terms, "miscounted": mistake} if mistake else terms


def not_attention(node: Node, style: Style) -> str | None:
    """Attention is no one module in torch."""
    if node.op.name != "multi_head_attention":
        return None
    return "its number depends on how attention is written: as a module, from layers, as functions"


def attention_between(weights: Weights) -> Callable[[Node, Style], str | None]:
    """For a tool that sees operators: how much it may count of attention, by who wrote it.

    Written out in products, all of it. scaled_dot_product_attention is one operator, which these
    tools don't know, so that the four projections are left; and the whole of
    nn.MultiheadAttention is one where nothing needs a gradient, if it has biases and an even
    number of heads (torch.nn.MultiheadAttention, "fastpath").
    """

    def why_not(node: Node, style: Style) -> str | None:
        op: Any = node.op
        if op.name != "multi_head_attention" or style.products:
            return None
        most = sum(weigh(node, weights).values())
        projections = weights["multiply_add", "kernel"] * 4 * node.x.channels * node.x.elements
        least = 0 if op.bias and op.num_heads % 2 == 0 else projections
        return (
            f"its number is between {least:,} and {most:,} by how attention is written: "
            "nn.MultiheadAttention and scaled_dot_product_attention may be one operator, "
            "of which it counts nothing"
        )

    return why_not


def attention_by_kernel(weights: Weights) -> Callable[[Node, Style], str | None]:
    """The same for a tool that sees what torch dispatches: scaled_dot_product_attention is products
    or one operator, by the layout of its inputs."""
    between = attention_between(weights)

    def why_not(node: Node, style: Style) -> str | None:
        if node.op.name != "scaled_dot_product_attention" or style.products:
            return between(node, style)
        most = sum(weigh(node, weights).values())
        return f"its number is 0 or {most:,} by the kernel that torch takes"

    return why_not
