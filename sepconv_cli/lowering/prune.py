"""The part of a network that leads to its outputs, and the names of the layers that don't."""

from collections.abc import Iterator, Sequence

from sepconv_cli.network import Network, Node, Tensor
from sepconv_cli.tying import counted_once

MOST_NAMED = 5


def pruned(x: Tensor, nodes: Sequence[Node], outputs: Sequence[int]) -> Network:
    """The network of input x without the nodes that lead to none of the outputs.

    What is read by unused layers alone is unused too. Whether a layer costs anything isn't asked.
    """
    needed = _needed(nodes, outputs)
    if all(needed):
        return Network(x, tuple(counted_once(nodes)), tuple(outputs))
    kept: list[Node] = []
    to = {-1: -1}
    for at, node in enumerate(nodes):
        if needed[at]:
            to[at] = len(kept)
            kept.append(node.moved(to))
    names = dict.fromkeys(_unused(nodes, needed))
    return Network(x, tuple(counted_once(kept)), tuple([to[at] for at in outputs]), tuple(names))


def unused_sentence(names: Sequence[str]) -> str:
    """What is to be said of layers that lead to no output."""
    shown = [
        *names[:MOST_NAMED],
        *([f"{len(names) - MOST_NAMED:,} more"] * (len(names) > MOST_NAMED)),
    ]
    if len(shown) == 1:
        return f"{shown[0]} leads to no output: counted in neither engine; name it under outputs"
    listed = f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"{listed} lead to no output: counted in neither engine; name them under outputs"


def _needed(nodes: Sequence[Node], outputs: Sequence[int]) -> list[bool]:
    """Of each node whether an output depends on it."""
    needed = [False] * (len(nodes) + 1)  # the last one is the input, at -1
    for at in outputs:
        needed[at] = True
    for at in range(len(nodes) - 1, -1, -1):
        if needed[at]:
            for source in nodes[at].reads(at):
                needed[source] = True
    return needed[:-1]


def _unused(nodes: Sequence[Node], needed: Sequence[bool]) -> Iterator[str]:
    """The unused layers; of a list, block or branch that is unused as a whole only its own name."""
    in_use = {
        name
        for node, is_needed in zip(nodes, needed, strict=True)
        if is_needed
        for name in _names(node)
    }
    for node, is_needed in zip(nodes, needed, strict=True):
        if not is_needed:
            yield next(name for name in _names(node) if name not in in_use)


def _names(node: Node) -> list[str]:
    """The names of the lists that a node stands in, the outermost first, then its own."""
    parts = node.name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
