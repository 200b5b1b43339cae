"""The record that every convention is: weights, rules, and the terms that a count is made of."""

from collections.abc import Callable, Mapping
from typing import Literal, get_args

import msgspec

from sepconv_cli.conventions._style import MODULES, Style
from sepconv_cli.network import Kind, Node, Role

Term = Literal[
    "multiplications",
    "additions",
    "convolution bias",
    "linear bias",
    "batch norm",
    "other norms",
    "activations",
    "pools",
    "adaptive pools",
    "upsampling",
    "merges",
    "embeddings",
    "counted twice",
    "miscounted",
]
"""What a count is made of. `multiplications` are those of convolutions, linear layers and matrix
products, `additions` the sums of their products; `counted twice` is what is counted a second
time, `miscounted` by how much multiplications are off, which may be below zero."""

TERMS: tuple[Term, ...] = get_args(Term)
Terms = Mapping[Term, int]
Rule = Callable[[Node, Style], Terms | None]


class Convention(msgspec.Struct, frozen=True, kw_only=True):
    """One way of counting: its name, what its number means, and its weights.

    `rules` answer for an op that weights can't express; None leaves it to the weights, and no
    terms say that the tool silently leaves this node out.
    `reasons` say of each term how it is counted, and `notes` what else one should know.
    `unknown` are the ops that the tool has no rule for and silently leaves out;
    `not_comparable` says why its number for a node can't be told from a spec.
    """

    name: str
    meaning: str
    unit: Literal["MAC", "FLOP"]
    weights: Mapping[tuple[Kind, Role], int] = {}
    rules: Mapping[str, Rule] = {}
    reasons: Mapping[Term, str] = {}
    notes: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()
    not_comparable: Callable[[Node, Style], str | None] | None = None

    @property
    def title(self) -> str:
        """What stands over a column of its numbers."""
        return {"macs": "MACs", "flops": "FLOPs"}.get(self.name, f"{self.name} {self.unit}s")

    def count(self, node: Node) -> int | None:
        """The node's number for one sample. 0 where there is nothing to do; None where
        nothing is counted."""
        if self.rules or node.op.is_opaque:
            terms = self.terms(node)
            return None if terms is None else sum(terms.values())
        total, known, idle = 0, False, True
        for item in node.op.work_on(node.inputs, node.y):
            idle = False
            weight = self.weights.get((item.kind, item.role))
            if weight is not None:
                total += weight * item.amount
                known = True
        return total if known or idle else None

    def why_not(self, node: Node, style: Style = MODULES) -> str | None:
        """Why the tool's number for this node can't be told; None where it can."""
        return self.not_comparable(node, style) if self.not_comparable else None

    def leaves_out(self, node: Node, style: Style = MODULES) -> bool:
        """Whether the tool knows nothing of this node, and silently counts nothing."""
        if node.op.is_opaque:
            return True
        ruled = self._ruled(node, style)
        return (node.op.name in self.unknown and not ruled) or ruled == {}

    def terms(self, node: Node, style: Style = MODULES) -> Terms | None:
        """What the node's number is made of; None where nothing is counted."""
        if node.op.is_opaque or self.why_not(node, style):
            return None
        ruled = self._ruled(node, style)
        return self._weighed(node) if ruled is None else ruled or None

    def _ruled(self, node: Node, style: Style) -> Terms | None:
        rule = self.rules.get(node.op.name)
        return rule(node, style) if rule else None

    def _weighed(self, node: Node) -> Terms | None:
        terms: dict[Term, int] = {}
        idle = True
        for item in node.op.work_on(node.inputs, node.y):
            idle = False
            weight = self.weights.get((item.kind, item.role))
            if weight is None:
                continue
            if item.role == "kernel":
                _add(terms, "multiplications", item.amount)
                if weight > 1:
                    _add(terms, "additions", (weight - 1) * item.amount)
            else:
                _add(terms, term(node, item.role), weight * item.amount)
        return terms if terms or idle else None


def term(node: Node, role: Role) -> Term:
    """The term that work in this role belongs to."""
    name = node.op.name
    match role:
        case "kernel":
            return "multiplications"
        case "bias":
            return "linear bias" if name == "linear" else "convolution bias"
        case "norm":
            return "batch norm" if name == "batch_norm" else "other norms"
        case "activation":
            return "activations"
        case "pool":
            return _pool(name)
        case "merge":
            return "merges"


def _pool(name: str) -> Term:
    if name == "upsample":
        return "upsampling"
    return "adaptive pools" if name.startswith(("adaptive", "global")) else "pools"


def _add(terms: dict[Term, int], name: Term, amount: int) -> None:
    terms[name] = terms.get(name, 0) + amount
