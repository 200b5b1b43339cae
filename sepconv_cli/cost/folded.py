"""What a network holds at once in a runtime that folds and overwrites, as on microcontrollers.

Batch norm and activations become part of the convolution before them, elementwise ops write over
an input that nobody reads any more, and what only reshapes moves nothing. In memory all three
are the same: the output lies where an input lay.
"""

from collections.abc import Sequence

from sepconv_cli.cost.memory import last_reads
from sepconv_cli.network import Network, Node


class _Piece:
    """A piece of memory, and the nodes between which tensors lie in it."""

    __slots__ = ("first", "last", "size")

    def __init__(self, size: int, first: int, last: int) -> None:
        self.size, self.first, self.last = size, first, last


def folded_levels(network: Network) -> list[int]:
    """The elements alive while each node runs, in their order; the input where there is none."""
    count = len(network.nodes)
    coming, going = [0] * (count + 1), [0] * (count + 1)
    for piece in _pieces(network):
        coming[piece.first] += piece.size
        going[piece.last] += piece.size
    levels = []
    alive = coming[-1]
    for index, node in enumerate(network.nodes):
        alive += coming[index]
        levels.append(alive + node.op.inside(node.x))
        alive -= going[index]
    return levels or [alive]


def _pieces(network: Network) -> list[_Piece]:
    """Where every tensor lies, the network's input in the first piece."""
    last_read, input_read = last_reads(network)
    pieces = [_Piece(network.input.elements, -1, input_read)]
    lies_in = [*pieces]
    for index, node in enumerate(network.nodes):
        piece = None
        if node.op.is_view or node.op.elementwise:
            piece = _kept(node, index, lies_in)
        if piece is None:
            piece = _Piece(node.y.elements, index, index)
            pieces.append(piece)
        if piece.last < last_read[index]:
            piece.last = last_read[index]
        lies_in.append(piece)
    return pieces


def _kept(node: Node, index: int, lies_in: Sequence[_Piece]) -> _Piece | None:
    """The input's piece that the output may lie in too; None where it needs one of its own."""
    if not node.others:
        piece = lies_in[-1 if node.sources is None else node.sources[0] + 1]
        return piece if node.op.is_view or piece.last == index else None
    for at, shape in zip(node.reads(index), node.inputs, strict=True):
        if lies_in[at + 1].last == index and shape == node.y:
            return lies_in[at + 1]
    return None
