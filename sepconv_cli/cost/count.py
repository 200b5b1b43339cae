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
        node.op.activations(node.x, node.y),
        convention.why_not(node) is None,
    )


def total(costs: Iterable[Cost]) -> Cost:
    """The sum. Its count is None where none of the parts is counted, or one not comparable."""
    parameters = count = activations = 0
    empty, counted, comparable = True, False, True
    for part in costs:
        empty = False
        parameters += part.parameters
        activations += part.activations
        comparable = comparable and part.comparable
        if part.count is not None:
            count += part.count
            counted = True
    known = comparable and (counted or empty)
    return Cost(parameters, count if known else None, activations, comparable)
