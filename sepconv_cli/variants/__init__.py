"""The variants, one file each: a rewrite of one convolution into the ops that stand for it.

`rewrite` applies a variant to a whole network. Which layers a user lets be
rewritten is written in the spec and arrives here as `Node.rewrite`.
"""

from collections.abc import Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from operator import index as as_index

import msgspec
from msgspec.structs import replace

from sepconv_cli.errors import Problem, SpecError
from sepconv_cli.network import Network, Node, Op, Tensor, Tie
from sepconv_cli.ops.conv import Conv
from sepconv_cli.tying import counted_once
from sepconv_cli.variants._parts import Parts, Variant

__all__ = ["COMPARED", "REWRITTEN", "Parts", "Rule", "Variant", "keeps_every_shape", "rewrite"]

COMPARED = ("standard", "depthwise_separable", "blueprint_u", "blueprint_s")
"""What is compared where neither the spec nor the user names variants; shown in this order."""
REWRITTEN = "variants rewrite convolutions in one group with a kernel over 1"
"""What `eligible` says, in words."""


class Rule(msgspec.Struct, frozen=True):
    """What becomes of the convolutions that a pattern fits.

    The pattern is for the layer's name, or is a kernel size such as `3x3`. They are rewritten
    by `variant`, or where it is None by the one that is compared.
    """

    pattern: str
    variant: Variant | None = None

    def fits(self, node: Node, conv: Conv) -> bool:
        """Whether the rule is for that convolution."""
        kernel = "x".join(str(as_index(size)) for size in conv.kernel_size)
        return kernel == self.pattern or fnmatchcase(node.layer, self.pattern)


def rewrite(network: Network, variant: Variant, rules: Sequence[Rule] = ()) -> Network:
    """The network with every eligible convolution rewritten, each into ops of the same output.

    With rules, the first that fits says how, and what none fits stays as it is.
    """
    if variant.keeps and not rules:
        return network
    nodes: list[Node] = []
    moved = {-1: -1}
    for index, node in enumerate(network.nodes):
        node = node if node.sources is None else node.moved(moved)
        conv = node.op
        parts = _parts(node, conv, variant, rules) if isinstance(conv, Conv) else None
        if parts is None:
            nodes.append(node)
        else:
            nodes.extend(_chain(node, parts))
        moved[index] = len(nodes) - 1
    outputs = tuple([moved[at] for at in network.outputs])
    return Network(network.input, tuple(counted_once(nodes)), outputs, network.unused)


def _parts(node: Node, conv: Conv, variant: Variant, rules: Sequence[Rule]) -> Parts | None:
    """What stands for a convolution; None where it stays."""
    if not eligible(node, conv):
        return None
    if not rules:
        return variant.rewrite(conv, node.x)
    rule = next((rule for rule in rules if rule.fits(node, conv)), None)
    return None if rule is None else (rule.variant or variant).rewrite(conv, node.x)


def eligible(node: Node, conv: Conv) -> bool:
    """Whether variants rewrite it: a convolution over more than one point, in one group."""
    return (
        node.rewrite
        and type(conv) is Conv
        and conv.groups == 1
        and any(kernel > 1 for kernel in conv.kernel_size)
    )


def _chain(node: Node, parts: Parts) -> list[Node]:
    """The parts as nodes, fed one by the other, named under the layer they replace."""
    nodes: list[Node] = []
    x = node.x
    for name, op in parts:
        # The parts fit where the convolution did; what stands between them may not.
        for complaint in () if isinstance(op, Conv) else op.check(x):
            raise SpecError([Problem(f"{node.name}.{name}: {complaint.message}")])
        y = op.output_shape(x)
        nodes.append(Node(f"{node.name}.{name}", node.layer, op, x, y, rewrite=False))
        x = y
    if node.sources is not None:
        nodes[0] = replace(nodes[0], sources=node.sources)
    if node.ties:
        nodes = [_tied_part(node, at, part) for at, part in enumerate(nodes)]
    if x != node.y:
        raise ValueError(f"{node.name}: its parts make {x} of {node.x}, not {node.y}")
    return nodes


def _tied_part(node: Node, at: int, part: Node) -> Node:
    """The part, its parameters in common with the same part of the other convolutions.

    The bias of a convolution is where the node's bias is, all else where its weight is.
    """
    common = {tie.tensor: tie.common for tie in node.ties}
    ties = []
    for tensor in part.op.parameter_shapes(part.x):
        is_bias = tensor == "bias" and isinstance(part.op, Conv)
        whole = common.get("bias" if is_bias else "weight")
        if whole is not None:
            ties.append(Tie(tensor, f"{whole}.{at}.{part.op.name}.{tensor}"))
    return replace(part, ties=tuple(ties))


def keeps_every_shape(op: Op, axes: int) -> bool:
    """Whether an op hands on any shape as it is, so that it may stand between two parts."""
    probes = [Tensor(channels, (channels,) * axes) for channels in (60, 61)]
    # One that names axes that aren't there has no shape to compare.
    with suppress(IndexError, ValueError):
        return all(op.output_shape(x) == x for x in probes)
    return False
