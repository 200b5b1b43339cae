"""The parameters of a block: a name for each number in which its modules differ."""

import re
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from sepconv_cli.importing.text.lines import Parameter, SpecData
from sepconv_cli.language.blocks import RESERVED

_WORDS = {"repeat": "times"}
"""Parameters can't have the names of what any layer may say."""

_CHANNELS = (
    *("out_channels", "groups", "in_features", "out_features"),
    *("normalized_shape", "shape", "start", "stop"),
)
_OTHERS = (
    *("kernel_size", "stride", "padding", "dilation"),
    *("repeat", "when", "times", "eps"),
)


class FieldColumn(NamedTuple):
    """One field of one layer in every member of a group, None where a member hasn't the layer."""

    layer: str
    field: str
    values: tuple[SpecData, ...]


class MemberValues(msgspec.Struct, frozen=True):
    """A parameter, and its value in every member, None where any will do."""

    parameter: Parameter
    values: tuple[SpecData, ...]

    def default(self, times: Sequence[int]) -> SpecData:
        """The value that more than half have, or that stands where any will do, or None.

        `times` says how often each member stands there.
        """
        counts: Counter[SpecData] = Counter()
        for value, count in zip(self.values, times, strict=True):
            counts[value] += count
        any_will_do = counts.pop(None, 0)
        value, most = counts.most_common(1)[0]
        return value if any_will_do or 2 * most > counts.total() else None


def parameters_of(
    columns: Sequence[FieldColumn],
) -> tuple[tuple[MemberValues, ...], tuple[SpecData, ...]]:
    """The parameters, and what is written for each column: one value, or a formula of one."""
    found = _Parameters()
    written = tuple([found.written(column) for column in columns])
    return tuple(found.members), written


class _Parameters:
    """The parameters so far, each with the family of its field."""

    def __init__(self) -> None:
        self.members: list[MemberValues] = []
        self._families: list[str] = []
        self._known: dict[tuple[str, tuple[SpecData, ...]], Parameter] = {}
        self._taken: set[str] = set()

    def written(self, column: FieldColumn) -> SpecData:
        """What stands for a column, which may be a new parameter."""
        given = _given(column)
        if len(given) < 2:
            return next(iter(given), None)
        found = self._said(column)
        if found is not None:
            return found
        items = _items(column)
        if items and len({each.values for each in items if self._is_new(each)}) < 2:
            return [self.written(each) for each in items]
        parameter = Parameter(_parameter_name(column, self._taken))
        self._known[_family(column.field), column.values] = parameter
        self._families.append(_family(column.field))
        self.members.append(MemberValues(parameter, column.values))
        return parameter

    def _is_new(self, column: FieldColumn) -> bool:
        return len(_given(column)) > 1 and self._said(column) is None

    def _said(self, column: FieldColumn) -> Parameter | None:
        """A parameter that there is, or a formula of it, that gives a column's values."""
        family = _family(column.field)
        found = self._known.get((family, column.values))
        if found is None:
            found = self._same(column, family) or self._multiple(column, family)
            if found is not None:
                self._known[family, column.values] = found
        return found

    def _same(self, column: FieldColumn, family: str) -> Parameter | None:
        """The parameter with the same values wherever both have some, which then has all."""
        for at, (each, other) in enumerate(zip(self.members, self._families, strict=True)):
            if other == family and _agree(each.values, column.values):
                self.members[at] = replace(each, values=_filled_up(each.values, column.values))
                return each.parameter
        return None

    def _multiple(self, column: FieldColumn, family: str) -> Parameter | None:
        """A parameter with a factor: of channels any whole one, of a kernel's size half of it."""
        for each, other in zip(self.members, self._families, strict=True):
            if (family, other) == ("padding", "kernel_size"):
                half = Parameter(each.parameter.name, Fraction(1, 2))
                if _gives(half, each.values, column.values):
                    return half
            if family == other == _CHANNELS[0]:
                factor = _factor(each.values, column.values)
                scaled = Parameter(each.parameter.name, factor) if factor else None
                if scaled and _gives(scaled, each.values, column.values):
                    return scaled
        return None


def _given(column: FieldColumn) -> set[SpecData]:
    return {value for value in column.values if value is not None}


def _items(column: FieldColumn) -> list[FieldColumn]:
    """The columns of a list's items, where all are lists of numbers of one length."""
    lengths = {len(each) if isinstance(each, tuple) else -1 for each in _given(column)}
    if len(lengths) != 1 or -1 in lengths:
        return []
    (length,) = lengths
    rows = [[each and each[at] for each in column.values] for at in range(length)]
    if any(isinstance(each, tuple) for row in rows for each in row):
        return []
    return [FieldColumn(column.layer, column.field, tuple(row)) for row in rows]


def _factor(values: Sequence[SpecData], wanted: Sequence[SpecData]) -> Fraction | None:
    """What the first value is multiplied with, where that or its inverse is a whole number."""
    pair = next(((a, b) for a, b in zip(values, wanted, strict=True) if b is not None), None)
    if pair is None or not all(type(each) is int and each > 0 for each in pair):
        return None
    factor = Fraction(pair[1], pair[0])
    return factor if 1 in (factor.numerator, factor.denominator) else None


def _gives(parameter: Parameter, values: Sequence[SpecData], wanted: Sequence[SpecData]) -> bool:
    """Whether a formula of a parameter's values gives those that are wanted."""
    return all(
        b is None or (type(a) is int and parameter.of(a) == b)
        for a, b in zip(values, wanted, strict=True)
    )


def _family(field: str) -> str:
    """Fields of one family share a parameter where they agree: numbers of channels, and the same
    field of several layers."""
    ends = (known for known in (*_CHANNELS, *_OTHERS) if f"_{field}".endswith(f"_{known}"))
    family = next(ends, field)
    return _CHANNELS[0] if family in _CHANNELS else family


def _agree(one: Sequence[SpecData], other: Sequence[SpecData]) -> bool:
    """Whether two rows are the same wherever both have a value."""
    return all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))


def _filled_up(one: Sequence[SpecData], other: Sequence[SpecData]) -> tuple[SpecData, ...]:
    return tuple([b if a is None else a for a, b in zip(one, other, strict=True)])


def _parameter_name(column: FieldColumn, taken: set[str]) -> str:
    """A name that expressions can hold: the field's, else the layer's with it."""
    layer = re.sub(r"\W", "_", column.layer, flags=re.ASCII)
    layer = f"layer_{layer}" if not layer[:1].isalpha() else layer
    field = _WORDS.get(column.field, column.field)
    options = [layer] if field == "when" else [field]
    options += [f"{layer}_{field}", *(f"{layer}_{field}_{n}" for n in range(2, len(taken) + 3))]
    name = next(each for each in options if each not in taken and each not in RESERVED)
    taken.add(name)
    return name
