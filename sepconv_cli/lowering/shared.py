"""Layers that use the parameters of others: what `weights` comes to in nodes."""

from collections.abc import Iterable

from sepconv_cli.errors import plural
from sepconv_cli.network import Node
from sepconv_cli.tying import has_weights, tied


def tie_layers(nodes: list[Node], start: int, owner: str, only: str | None = None) -> None:
    """Give the nodes from `start` on the parameters of those of the layer called `owner`.

    One by one, in their order, all of them or `only` those of one name. Raises ValueError where
    they are no pairs.
    """
    inside = f"{owner}."
    owners = [at for at, node in enumerate(nodes) if f"{node.name}.".startswith(inside)]
    users = range(start, len(nodes))
    if not users or owners == [*users]:
        return
    pairs = _holding(nodes, users), _holding(nodes, owners)
    if not pairs[0] or len(pairs[0]) != len(pairs[1]):
        counts = [plural(len(each), "layer") for each in pairs]
        raise ValueError(f"{counts[0]} with parameters here, {counts[1]} there")
    for at, other in zip(*pairs, strict=True):
        nodes[at], nodes[other] = tied(nodes[at], nodes[other], only)


def _holding(nodes: list[Node], where: Iterable[int]) -> list[int]:
    return [at for at in where if has_weights(nodes[at])]
