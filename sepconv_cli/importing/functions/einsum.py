"""Sums of products over named axes: einsum, as the permutations and product that it comes to."""

from collections.abc import Sequence
from math import prod
from typing import Any

from sepconv_cli.importing.reading import Readers, Reading, Unreadable

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _einsum(r: Reading) -> int:
    operands = r["operands"] if isinstance(r["operands"], (list, tuple)) else r.call.arguments[1:]
    return einsum(r, r["equation"], operands)


def einsum(r: Reading, equation: str, operands: Sequence[Any]) -> int:
    """One tensor's axes in another order, some summed over; or the product of two tensors."""
    terms, out = _parsed(equation, [r.layout(each).rank for each in operands])
    samples = [_of_sample(r, term, each) for term, each in zip(terms, operands, strict=True)]
    after = "".join(letter for at, letter in enumerate(out) if at != r.y.batch)
    given = [_Axes(r.source(each), term) for term, each in zip(samples, operands, strict=True)]
    if len(given) == 1:
        made = _kept(r, given[0], set(after))
    elif len(given) == 2:
        made = _product(r, *_alone_summed(r, given, after), after)
    else:
        raise Unreadable("a product of more than two tensors")
    return _ordered(r, made, after).at


class _Axes:
    """A step, and a letter for each axis that it puts out."""

    def __init__(self, at: int, letters: str) -> None:
        self.at, self.letters = at, letters


def _parsed(equation: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """The letters of every operand and of what comes out, those of `...` filled in."""
    left, arrow, out = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks):
        raise Unreadable("an equation of other tensors")
    most = max(rank - len(term) + 3 for term, rank in zip(terms, ranks, strict=True))
    spare = "".join(letter for letter in _LETTERS if letter not in equation)[: max(most, 0)]
    if not arrow:
        used = "".join(terms).replace(".", "")
        out = "..." * ("..." in left) + "".join(sorted(c for c in set(used) if used.count(c) == 1))
    filled = []
    for term, rank in zip(terms, ranks, strict=True):
        missing = rank - len(term.replace("...", ""))
        filled.append(term.replace("...", spare[len(spare) - missing :]))
    out = out.replace("...", spare)
    if any(len(set(term)) != len(term) for term in (*filled, out)):
        raise Unreadable("a diagonal")
    return filled, out


def _of_sample(r: Reading, term: str, operand: Any) -> str:
    """The letters but that of the batch."""
    layout = r.layout(operand)
    if len(term) != layout.rank:
        raise Unreadable("other axes than the equation's")
    return "".join(letter for at, letter in enumerate(term) if at != layout.batch)


def _shape(r: Reading, axes: _Axes) -> dict[str, int]:
    shapes = r.state.shape(axes.at)
    return dict(zip(axes.letters, shapes.axes, strict=True))


def _alone_summed(r: Reading, given: Sequence[_Axes], out: str) -> tuple[_Axes, _Axes]:
    """Both tensors without the axes that neither the other one has nor what comes out."""
    left, right = given
    return _kept(r, left, {*out, *right.letters}), _kept(r, right, {*out, *left.letters})


def _kept(r: Reading, axes: _Axes, wanted: set[str]) -> _Axes:
    """A tensor summed over all axes but those that are wanted."""
    gone = tuple(at for at, letter in enumerate(axes.letters) if letter not in wanted)
    if not gone:
        return axes
    letters = "".join(letter for letter in axes.letters if letter in wanted)
    return _Axes(r.emit("reduce", axes.at, function="sum", axes=gone, keepdim=False), letters)


def _product(r: Reading, left: _Axes, right: _Axes, out: str) -> _Axes:
    """A product of matrices for each of the axes that all have, of groups of axes as one."""
    sizes = {**_shape(r, left), **_shape(r, right)}
    shared = "".join(letter for letter in left.letters if letter in right.letters)
    both = "".join(letter for letter in shared if letter in out)
    summed = "".join(letter for letter in shared if letter not in out)
    rows = "".join(letter for letter in left.letters if letter not in shared)
    columns = "".join(letter for letter in right.letters if letter not in shared)
    first = _matrices(r, left, (both, rows, summed), sizes)
    second = _matrices(r, right, (both, summed, columns), sizes)
    at = r.emit("matmul", first, second)
    return _Axes(
        _as_shape(r, at, [sizes[letter] for letter in both + rows + columns]), both + rows + columns
    )


def _matrices(r: Reading, axes: _Axes, groups: tuple[str, str, str], sizes: dict[str, int]) -> int:
    """A tensor with the first group's axes in front, and each of the others as one axis."""
    lead, *pair = groups
    at = _ordered(r, axes, "".join(groups)).at
    last = [prod(sizes[letter] for letter in group) for group in pair]
    return _as_shape(r, at, [*(sizes[letter] for letter in lead), *last])


def _as_shape(r: Reading, at: int, shape: Sequence[int]) -> int:
    now = r.state.shape(at)
    wanted = tuple(shape) or (1,)
    return at if now.axes == wanted else r.emit("reshape", at, shape=wanted)


def _ordered(r: Reading, axes: _Axes, letters: str) -> _Axes:
    """The axes in another order."""
    if sorted(axes.letters) != sorted(letters):
        raise Unreadable("an axis that comes from nowhere")
    order = tuple(axes.letters.index(letter) for letter in letters)
    if order == tuple(range(len(order))):
        return axes
    return _Axes(r.emit("permute", axes.at, axes=order), letters)


EINSUM_READERS: Readers = {"einsum": (("equation", "operands"), _einsum)}
