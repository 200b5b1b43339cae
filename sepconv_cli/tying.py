"""Parameters that several nodes use: they count once, at the first node that has them."""

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from operator import attrgetter

from msgspec.structs import replace

from sepconv_cli.network import Node, Tie

_ties = attrgetter("ties")


def tied(node: Node, other: Node, only: str | None = None) -> tuple[Node, Node]:
    """Both nodes, with every parameter tensor in common that they have under one name.

    Where it is `only` that of one name, all others stay each one's own. Raises ValueError where
    there is none, or where shapes differ.
    """
    shapes, others = _shapes(node), _shapes(other)
    names = [name for name in shapes if name in others and only in (None, name)]
    if not names and only is not None:
        raise ValueError(f"{(other if only in shapes else node).name} has no {only}")
    if not names:
        raise ValueError(f"{node.name} has {_listed(shapes)}, {other.name} has {_listed(others)}")
    for name in names:
        if shapes[name] != others[name]:
            unlike = f"{_by(shapes[name])}, that of {other.name} {_by(others[name])}"
            raise ValueError(f"the {name} of {node.name} is {unlike}")
    known = {tie.tensor: tie.common for tie in other.ties}
    common = {name: known.get(name, f"{other.name}.{name}") for name in names}
    return _with(node, common), _with(other, common)


def has_weights(node: Node) -> bool:
    """Whether the node's op has parameters that may be tied."""
    return bool(_shapes(node))


def counted_once(nodes: Sequence[Node]) -> Sequence[Node]:
    """The nodes of a network, each told how many of its parameters one before it has."""
    if not any(map(_ties, nodes)):
        return nodes
    return list(_told(nodes))


def _told(nodes: Sequence[Node]) -> Iterator[Node]:
    seen: dict[str, tuple[int, ...]] = {}
    for node in nodes:
        if not node.ties:
            yield node
            continue
        shapes = _shapes(node)
        known = [tie.tensor for tie in node.ties if seen.get(tie.common) == shapes[tie.tensor]]
        seen.update((tie.common, shapes[tie.tensor]) for tie in node.ties)
        yield replace(node, shared=sum(prod(shapes[name]) for name in known))


def _shapes(node: Node) -> dict[str, tuple[int, ...]]:
    return node.op.parameter_shapes(node.x)


def _with(node: Node, common: dict[str, str]) -> Node:
    """The node with these ties in place of those that it had for the same tensors."""
    kept = [tie for tie in node.ties if tie.tensor not in common]
    return replace(node, ties=(*kept, *map(Tie, common, common.values())))


def _listed(names: Iterable[str]) -> str:
    return " and ".join(names) or "no parameters"


def _by(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape))
