"""Networks to costs: frozen values that add up. Weights are applied here and nowhere else."""

from collections.abc import Iterable

import msgspec

from sepconv_cli.conventions import Convention
from sepconv_cli.network import Node


class Cost(msgspec.Struct, frozen=True):
    """What a node or several of them cost, for one sample.

    `count` is in the convention's unit, None where the convention counts none of it.
    `activations` are the elements that convolutions, linear layers and attention put out
    (fvcore's ActivationCountAnalysis). What is not `comparable` has no count, and neither has
    a sum that it is part of.
    """

    parameters: int = 0
    count: int | None = 0
    activations: int = 0
    comparable: bool = True


def cost(node: Node, convention: Convention) -> Cost:
    """The cost of one node, by its op's formulas."""
    return Cost(
        node.op.parameters(node.x),
        convention.count(node),
        node.op.activations_on(node.inputs, node.y),
        convention.why_not(node) is None,
    )


def total(costs: Iterable[Cost]) -> Cost:
    """The sum. Its count is None where none of the parts is counted, or one not comparable."""
    parts = list(costs)
    counted = [part.count for part in parts if part.count is not None]
    comparable = all(part.comparable for part in parts)
    return Cost(
        sum(part.parameters for part in parts),
        sum(counted) if comparable and (counted or not parts) else None,
        sum(part.activations for part in parts),
        comparable,
    )
