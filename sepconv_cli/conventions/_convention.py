"""The record that every convention is, and the terms that a count is made of."""

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
    "learned tensors",
    "recurrent gates",
    "counted twice",
    "miscounted",
]
"""What a count is made of. `multiplications` are those of convolutions, linear layers and matrix
products, `additions` the sums of their products; `counted twice` is what is counted a second
time, `miscounted` by how much multiplications are off, which may be below zero."""

TERMS: tuple[Term, ...] = get_args(Term)
Terms = Mapping[Term, int]
Weights = Mapping[tuple[Kind, Role], int]

Counting = Callable[[Node, Style], Terms | None]
"""How a tool counts an op that it knows: the terms, of which there may be none; None where it
doesn't know this node after all, and silently leaves it out."""


class Convention(msgspec.Struct, frozen=True, kw_only=True):
    """One way of counting: its name, what its number means, and what it counts.

    It weighs kinds and roles of work, and so knows every op; or else it lists what its tool
    `knows`, op by op, and every other op is a gap.
    `reasons` say of each term how it is counted, and `notes` what else one should know.
    `not_comparable` says why the tool's number for a node can't be told from a spec.
    """

    name: str
    meaning: str
    unit: Literal["MAC", "FLOP"]
    weights: Weights = {}
    knows: Mapping[str, Counting] | None = None
    reasons: Mapping[Term, str] = {}
    notes: tuple[str, ...] = ()
    not_comparable: Callable[[Node, Style], str | None] | None = None

    @property
    def title(self) -> str:
        """What stands over a column of its numbers."""
        return {"macs": "MACs", "flops": "FLOPs"}.get(self.name, f"{self.name} {self.unit}s")

    def count(self, node: Node, style: Style = MODULES) -> int | None:
        """The node's number for one sample. 0 where there is nothing to do; None where
        nothing is counted."""
        if self.knows is not None or node.op.is_opaque:
            terms = self.terms(node, style)
            return None if terms is None else sum(terms.values())
        total, weighty, idle = 0, False, True
        for item in node.op.work_on(node.inputs, node.y):
            idle = False
            weight = self.weights.get((item.kind, item.role))
            if weight is not None:
                total += weight * item.amount
                weighty = True
        return total if weighty or idle else None

    def why_not(self, node: Node, style: Style = MODULES) -> str | None:
        """Why the tool's number for this node can't be told; None where it can."""
        return self.not_comparable(node, style) if self.not_comparable else None

    def leaves_out(self, node: Node, style: Style = MODULES) -> bool:
        """Whether the tool knows nothing of this node, and silently counts nothing."""
        if node.op.is_opaque:
            return True
        return self._counted(node, style) is None and (works(node) or holds_parameters(node))

    def terms(self, node: Node, style: Style = MODULES) -> Terms | None:
        """What the node's number is made of; None where nothing is counted."""
        if node.op.is_opaque or self.why_not(node, style):
            return None
        counted = self._counted(node, style)
        if counted or works(node):
            return counted or None
        return None if counted is None and holds_parameters(node) else {}

    def _counted(self, node: Node, style: Style) -> Terms | None:
        if self.knows is None:
            return weigh(node, self.weights)
        counting = self.knows.get(node.op.name)
        return counting(node, style) if counting else None


_LINEAR = ("linear", "lstm", "gru", "rnn")


def works(node: Node) -> bool:
    """Whether the node's op does any arithmetic at all."""
    return any(True for _ in node.op.work_on(node.inputs, node.y))


def holds_parameters(node: Node) -> bool:
    """Whether the node's op has anything to learn that it works on its input with."""
    return not node.op.is_view and node.op.parameters(node.x) != 0


def weigh(node: Node, weights: Weights) -> Terms:
    """The terms of a node's work by kind and role; what has no weight is left out."""
    terms: dict[Term, int] = {}
    for item in node.op.work_on(node.inputs, node.y):
        weight = weights.get((item.kind, item.role))
        if weight is None:
            continue
        if item.role == "kernel":
            _add(terms, "multiplications", item.amount)
            if weight > 1:
                _add(terms, "additions", (weight - 1) * item.amount)
        else:
            _add(terms, term(node, item.role), weight * item.amount)
    return terms


def term(node: Node, role: Role) -> Term:
    """The term that work in this role belongs to."""
    name = node.op.name
    match role:
        case "kernel":
            return "multiplications"
        case "bias":
            return "linear bias" if name in _LINEAR else "convolution bias"
        case "norm":
            return "batch norm" if name == "batch_norm" else "other norms"
        case "activation":
            return "activations"
        case "pool":
            return _pool(name)
        case "merge":
            return "merges"


def _pool(name: str) -> Term:
    if name in ("upsample", "interpolate"):
        return "upsampling"
    return "adaptive pools" if name.startswith(("adaptive", "global")) else "pools"


def _add(terms: dict[Term, int], name: Term, amount: int) -> None:
    terms[name] = terms.get(name, 0) + amount
