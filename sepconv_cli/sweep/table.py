"""The rows of a sweep in columns: the parameters, the variant, the reason, and the numbers.

A row is one variant at one point. Rows follow the points, and at each point the variants.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace

from sepconv_cli.files.columns import FieldKind, FileColumn, FileField
from sepconv_cli.sweep.evaluate import Answers, Sweep
from sepconv_cli.sweep.goals import Points, numerators_at
from sepconv_cli.sweep.grid import Axis, numerators
from sepconv_cli.sweep.values import Array, is_missing

_MACHINE: dict[str, Any] = {"whole": np.int64, "float": np.float64}

VARIANT = "variant"
REASON = "reason"


def columns_of(sweep: Sweep) -> tuple[FileField, ...]:
    """The fields of a sweep's table, of numbers as large as have been seen."""
    return (
        *(FileField(axis.name, _axis_kind(axis)) for axis in sweep.grid.axes),
        FileField(VARIANT, "word"),
        FileField(REASON, "word"),
        *(FileField(name, _kind(sweep, name)) for name in sweep.question.wanted),
    )


def _axis_kind(axis: Axis) -> FieldKind:
    return "truth" if axis.truths else "whole" if axis.denominator == 1 else "float"


def _kind(sweep: Sweep, name: str) -> FieldKind:
    if not sweep.question.metrics.is_whole(name) or name in sweep.floats:
        return "float"
    largest = sweep.largest(name)
    return "whole" if largest < 2**63 else "large" if largest < 10**38 else "endless"


def axis_values(axis: Axis, found: Array) -> Array:
    """The values of an axis as numbers of a machine, from its numerators."""
    if axis.truths:
        return found != 0
    return found if axis.denominator == 1 else np.asarray(found / axis.denominator, dtype=float)


def block_columns(
    sweep: Sweep, fields: Sequence[FileField], block: Sequence[Answers]
) -> list[FileColumn]:
    """The rows of a block. Invalid points are among them, with their reason and no numbers."""
    first, count = block[0].block, len(block)
    shape = first.shape
    found: dict[str, Array] = {}
    for at, axis in enumerate(sweep.grid.axes):
        values = axis_values(axis, numerators(axis, np.arange(*first.ranges[at])))
        laid = values.reshape([-1 if other == at else 1 for other in range(len(shape))])
        found[axis.name] = np.repeat(np.broadcast_to(laid, shape).ravel(), count)
    found[VARIANT] = np.tile(np.arange(count, dtype=np.int32), first.size)
    words = {VARIANT: [*sweep.question.variants], REASON: [""]}
    found[REASON] = np.full(first.size * count, -1, dtype=np.int32)
    if any(answers.reasons is not None for answers in block):
        words[REASON], found[REASON] = _reasons(block)
    absent = {
        name: _woven([_absent(answers, name) for answers in block])
        for name in sweep.question.wanted
        if any(answers.reasons is not None or _has_gaps(answers, name) for answers in block)
    }
    for name in sweep.question.wanted:
        found[name] = _woven([_filled(answers, name) for answers in block])
    absent[REASON] = found[REASON] < 0
    return [_column(field, found, absent, words) for field in fields]


def point_columns(sweep: Sweep, fields: Sequence[FileField], points: Points) -> list[FileColumn]:
    """The rows of chosen points."""
    found: dict[str, Array] = {
        axis.name: axis_values(axis, numerators_at(sweep.grid, axis.name, points.points))
        for axis in sweep.grid.axes
    }
    found[VARIANT] = points.variants.astype(np.int32)
    found[REASON] = np.full(points.size, -1, dtype=np.int32)
    words = {VARIANT: [*sweep.question.variants], REASON: [""]}
    absent = {REASON: found[REASON] < 0}
    for name in sweep.question.wanted:
        found[name] = points.values[name]
        if found[name].dtype == object:
            absent[name] = is_missing(found[name])
            found[name] = np.where(absent[name], 0, found[name])
    return [_column(field, found, absent, words) for field in fields]


def kept(columns: Sequence[FileColumn], which: Array | None) -> list[FileColumn]:
    """The rows of some columns where a mask holds."""
    if which is None or np.all(which):
        return list(columns)
    return [
        replace(
            column,
            values=column.values[which],
            absent=None if column.absent is None else column.absent[which],
        )
        for column in columns
    ]


def _column(
    field: FileField,
    found: Mapping[str, Array],
    absent: Mapping[str, Array],
    words: Mapping[str, Sequence[str]],
) -> FileColumn:
    values = found[field.name]
    if field.kind in _MACHINE:
        values = values.astype(_MACHINE[field.kind], copy=False)
    return FileColumn(field, values, absent.get(field.name), words.get(field.name, ()))


def _woven(parts: Sequence[Array]) -> Array:
    """A column for each variant as one: the variants of the first point, then of the second."""
    return parts[0] if len(parts) == 1 else np.stack(parts, axis=1).ravel()


def _reasons(block: Sequence[Answers]) -> tuple[list[str], Array]:
    """The messages of a block, each point's own, and for each row which of them it is."""
    known: dict[str, int] = {}
    rows = np.full((block[0].block.size, len(block)), -1, dtype=np.int32)
    for at, answers in enumerate(block):
        for places, said in answers.said:
            messages = said.messages(len(rows[places]))
            rows[places, at] = [known.setdefault(text, len(known)) for text in messages]
    return list(known), rows.ravel()


def _has_gaps(answers: Answers, name: str) -> bool:
    values = answers.values[name]
    return values is None or values.dtype == object


def _absent(answers: Answers, name: str) -> Array:
    values = answers.values[name]
    if values is None:
        return np.ones(answers.block.size, dtype=bool)
    missing = np.zeros(answers.block.size, dtype=bool)
    if answers.reasons is not None:
        missing |= answers.reasons >= 0
    return missing | is_missing(values) if values.dtype == object else missing


def _filled(answers: Answers, name: str) -> Array:
    values = answers.values[name]
    if values is None:
        return np.zeros(answers.block.size, dtype=np.int64)
    return np.where(is_missing(values), 0, values) if values.dtype == object else values
