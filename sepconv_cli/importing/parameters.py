"""The parameters of a block: a name for each number in which its modules differ."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from sepconv_cli.importing.lines import Parameter, SpecData
from sepconv_cli.language.blocks import RESERVED

_WORDS = {"repeat": "times"}
"""Parameters can't have the names of what any layer may say."""

_CHANNELS = ("out_channels", "groups", "in_features", "out_features", "normalized_shape")
_OTHERS = (
    "kernel_size",
    "stride",
    "padding",
    "dilation",
    "repeat",
    "when",
    "times",
    "shape",
    "eps",
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
    """The parameters, and what is written for each column: one of them, or the value of all."""
    found: list[MemberValues] = []
    places: dict[FieldColumn, int] = {}
    exact: dict[tuple[str, tuple[SpecData, ...]], int] = {}
    families: list[str] = []
    taken: set[str] = set()
    for column in columns:
        known = {value for value in column.values if value is not None}
        if len(known) < 2 or column in places:
            continue
        family = _family(column.field)
        at = exact.get((family, column.values))
        if at is None:
            near = (n for n, each in enumerate(found) if families[n] == family)
            at = next((n for n in near if _agree(found[n].values, column.values)), None)
        if at is None:
            at = len(found)
            families.append(family)
            found.append(MemberValues(Parameter(_parameter_name(column, taken)), column.values))
        else:
            found[at] = replace(found[at], values=_filled_up(found[at].values, column.values))
        exact[family, found[at].values] = places[column] = at
    return tuple(found), tuple(
        [
            found[places[column]].parameter
            if column in places
            else next((value for value in column.values if value is not None), None)
            for column in columns
        ]
    )


def _family(field: str) -> str:
    """Fields of one family share a parameter where they agree: numbers of channels, and the same
    field of several layers."""
    ends = (known for known in (*_CHANNELS, *_OTHERS) if f"_{field}".endswith(f"_{known}"))
    family = next(ends, field)
    return _CHANNELS[0] if family in _CHANNELS else family


def _agree(one: Sequence[SpecData], other: Sequence[SpecData]) -> bool:
    """Whether two rows are the same wherever both have a value, and one has not everywhere."""
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
