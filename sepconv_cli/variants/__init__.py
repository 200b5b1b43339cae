"""The variants, one file each: a rewrite of one convolution into the ops that stand for it.

`rewrite` applies a variant to a whole network. Which layers a user lets be
rewritten is written in the spec and arrives here as `Node.rewrite`.
"""

from msgspec.structs import replace

from sepconv_cli.errors import Problem, SpecError
from sepconv_cli.network import Network, Node, Op, Tensor, verify
from sepconv_cli.ops.conv import Conv
from sepconv_cli.variants._parts import Variant

__all__ = ["Variant", "keeps_every_shape", "rewrite"]


def rewrite(network: Network, variant: Variant) -> Network:
    """The network with every eligible convolution rewritten, the new nodes' shapes verified."""
    nodes: list[Node] = []
    moved = {-1: -1}
    for index, node in enumerate(network.nodes):
        op = node.op
        if node.sources is not None and any(moved[at] != at for at in node.sources):
            node = replace(node, sources=tuple(moved[at] for at in node.sources))
        parts = variant.rewrite(op, node.x) if isinstance(op, Conv) and eligible(node, op) else None
        nodes.extend([node] if parts is None else _chain(node, parts))
        moved[index] = len(nodes) - 1
    return Network(network.input, tuple(nodes))


def eligible(node: Node, conv: Conv) -> bool:
    """Whether variants rewrite it: a convolution over more than one point, in one group."""
    return node.rewrite and conv.groups == 1 and any(kernel > 1 for kernel in conv.kernel_size)


def _chain(node: Node, parts: tuple[tuple[str, Op], ...]) -> list[Node]:
    """The parts as nodes, fed one by the other, named under the layer they replace."""
    nodes: list[Node] = []
    x = node.x
    for name, op in parts:
        for complaint in op.check(x):
            raise SpecError([Problem(f"{node.name}.{name}: {complaint.message}")])
        y = op.output_shape(x)
        nodes.append(Node(f"{node.name}.{name}", node.layer, op, x, y, rewrite=False))
        x = y
    verify(Network(node.x, tuple(nodes)))
    nodes[0] = replace(nodes[0], sources=node.sources)
    if x != node.y:
        raise ValueError(f"{node.name}: its parts make {x} of {node.x}, not {node.y}")
    return nodes


def keeps_every_shape(op: Op, axes: int) -> bool:
    """Whether an op hands on any shape as it is, so that it may stand between two parts."""
    probes = [Tensor(channels, (channels,) * axes) for channels in (60, 61)]
    return all(not list(op.check(x)) and op.output_shape(x) == x for x in probes)
