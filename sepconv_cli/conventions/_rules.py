"""Rules that several tools' conventions are put together from."""

from collections.abc import Iterable, Mapping
from typing import Any

from sepconv_cli.conventions import Rule, Term, Terms, term
from sepconv_cli.conventions._style import Style
from sepconv_cli.network import Node

POOLS = ("avg_pool", "max_pool")
ADAPTIVE_POOLS = ("adaptive_avg_pool", "adaptive_max_pool", "global_avg_pool", "global_max_pool")
NORMS = ("group_norm", "instance_norm", "layer_norm")
SIGMOIDS = ("hard_sigmoid", "hard_swish", "sigmoid", "tanh")
MERGES = ("add", "multiply")
"""What people write as `+` and `*`, which hooks on modules and patched functions don't see."""


def outputs(what: Term, weight: int = 1) -> Rule:
    """So many for each element that leaves."""
    return lambda node, style: {what: weight * node.y.elements}


def inputs(what: Term, weight: int = 1) -> Rule:
    """So many for each element that arrives."""
    return lambda node, style: {what: weight * node.x.elements}


def norm(each: int, affine: int) -> Rule:
    """So many for each element, or so many where there is an affine map."""

    def rule(node: Node, style: Style) -> Terms:
        op: Any = node.op
        mapped = op.elementwise_affine if op.name == "layer_norm" else op.affine
        return {term(node, "norm"): (affine if mapped else each) * node.x.elements}

    return rule


def for_each(names: Iterable[str], rule: Rule) -> Mapping[str, Rule]:
    """The same rule for several ops."""
    return dict.fromkeys(names, rule)


def modules_only(rule: Rule) -> Rule:
    """A rule of a tool that hooks modules and doesn't see a function called."""
    return lambda node, style: None if style.functions else rule(node, style)


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
    return "its number hangs on how attention is written: as a module, from layers, from functions"
