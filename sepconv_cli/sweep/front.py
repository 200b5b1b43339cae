"""Pareto fronts: which rows of numbers no other one equals or beats in all and beats in one.

Rows are put in order, so that none is beaten by a later one. Then halves are solved by
themselves, and what is left of the later one is held against the earlier one, in which the first
number no longer matters (Kung, Luccio & Preparata, "On finding the maxima of a set of
vectors", Journal of the ACM 22, 1975).
"""

from collections.abc import Sequence

import numpy as np

from sepconv_cli.sweep.goals import sortable
from sepconv_cli.sweep.values import Array

FEW = 64


def undominated(keys: Sequence[Array]) -> Array:
    """The indices of the rows that none beats, smaller being better; equal rows are all kept."""
    mixed = len({key.dtype for key in keys}) > 1
    columns = np.stack([sortable(key, mixed) for key in keys], axis=1)
    order = np.lexsort(tuple(reversed([columns[:, at] for at in range(columns.shape[1])])))
    rows = columns[order]
    new = np.ones(len(rows), dtype=bool)
    new[1:] = np.any(rows[1:] != rows[:-1], axis=1)
    kept = np.zeros(np.count_nonzero(new), dtype=bool)
    kept[_front(rows[new])] = True
    return order[kept[np.cumsum(new) - 1]]


def _front(rows: Array) -> Array:
    """The indices of the rows that none beats; they are in order, and no two are equal."""
    if rows.shape[1] == 1:
        return np.arange(min(1, len(rows)))
    if rows.shape[1] == 2:
        lowest = np.minimum.accumulate(rows[:, 1])
        lower = np.ones(len(rows), dtype=bool)
        lower[1:] = rows[1:, 1] < lowest[:-1]
        return np.flatnonzero(lower)
    if len(rows) <= FEW:
        beaten = np.all(rows[None, :, :] <= rows[:, None, :], axis=2)
        np.fill_diagonal(beaten, False)
        return np.flatnonzero(~beaten.any(axis=1))
    half = len(rows) // 2
    first = _front(rows[:half])
    later = _front(rows[half:]) + half
    beaten = _beaten(rows[later, 1:], rows[first, 1:])
    return np.concatenate([first, later[~beaten]])


def _beaten(rows: Array, others: Array) -> Array:
    """For each row whether one of the others equals or beats it in every column."""
    if not len(rows) or not len(others):
        return np.zeros(len(rows), dtype=bool)
    if rows.shape[1] == 1:
        return rows[:, 0] >= others[:, 0].min()
    if rows.shape[1] == 2:
        return _beaten_in_two(rows, others)
    if len(rows) * len(others) <= FEW * FEW:
        return np.all(others[None, :, :] <= rows[:, None, :], axis=2).any(axis=1)
    return _split(rows, others)


def _beaten_in_two(rows: Array, others: Array) -> Array:
    order = np.argsort(others[:, 0], kind="stable")
    lowest = np.minimum.accumulate(others[order, 1])
    reach = np.searchsorted(others[order, 0], rows[:, 0], side="right")
    return (reach > 0) & (lowest[np.maximum(reach, 1) - 1] <= rows[:, 1])


def _split(rows: Array, others: Array) -> Array:
    """By the first column: what is low and what is high can do nothing more to each other."""
    low, middle, high = np.sort(others[:, 0])[[0, (len(others) - 1) // 2, -1]]
    if low == high:
        beaten = rows[:, 0] >= low
        beaten[beaten] = _beaten(rows[beaten, 1:], others[:, 1:])
        return beaten
    middle = middle if middle < high else low
    near, far = others[:, 0] <= middle, others[:, 0] > middle
    small, large = rows[:, 0] <= middle, rows[:, 0] > middle
    beaten = np.zeros(len(rows), dtype=bool)
    beaten[small] = _beaten(rows[small], others[near])
    beaten[large] = _beaten(rows[large], others[far]) | _beaten(rows[large, 1:], others[near, 1:])
    return beaten
