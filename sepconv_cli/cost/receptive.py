"""How much of the input one output position of a layer depends on.

The theoretical receptive field of Araujo et al., "Computing Receptive Fields of
Convolutional Neural Networks", Distill 2019: r += (span - 1) * jump, jump *= step,
and the largest of all paths where branches meet. Padding counts as input.
"""

from fractions import Fraction
from math import ceil

from sepconv_cli.network import NOTHING, Network

_Reach = tuple[tuple[Fraction, ...], tuple[Fraction, ...]]


def receptive_fields(network: Network) -> list[tuple[int, ...] | None]:
    """The positions on each axis, for each node; None where it sees the whole input."""
    axes = len(network.input.size)
    start: _Reach = ((Fraction(1),) * axes, (Fraction(1),) * axes)
    nothing: _Reach = ((Fraction(0),) * axes, (Fraction(0),) * axes)
    reaches: list[_Reach | None] = []
    for index, node in enumerate(network.nodes):
        arriving = [start if at < 0 else reaches[at] for at in node.reads(index)]
        window = node.op.window_on(node.inputs)
        if window == NOTHING:
            reaches.append(nothing)
            continue
        if window is None or None in arriving:
            reaches.append(None)
            continue
        fields, jumps = _widest([reach for reach in arriving if reach is not None])
        spans, steps = (_spread(part, axes) for part in window)
        grown = zip(fields, spans, jumps, strict=True)
        fields = tuple([field + (span - 1) * jump for field, span, jump in grown])
        jumps = tuple([jump * step for jump, step in zip(jumps, steps, strict=True)])
        reaches.append((fields, jumps))
    return [reach and tuple([ceil(field) for field in reach[0]]) for reach in reaches]


def _widest(reaches: list[_Reach]) -> _Reach:
    """On each axis the largest field and jump."""
    fields = tuple([max(each) for each in zip(*(reach[0] for reach in reaches), strict=True)])
    jumps = tuple([max(each) for each in zip(*(reach[1] for reach in reaches), strict=True)])
    return fields, jumps


def _spread(part: tuple[int | Fraction, ...], axes: int) -> tuple[Fraction, ...]:
    each = part * axes if len(part) == 1 else part
    return tuple([Fraction(value) for value in each])
