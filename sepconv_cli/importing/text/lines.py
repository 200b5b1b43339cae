"""An outline -> the layers of a spec. Folding is folding.py's, how they look write.py's."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec
from msgspec.structs import replace

from sepconv_cli.importing.text.item_names import MODEL_INPUT, ItemNames, item_kind, lists
from sepconv_cli.importing.text.items import Fork, Group, Item, Leaf, is_residual
from sepconv_cli.language.fields import Field, fields

SpecData = Any
MATCHING = "matching"
"""The shortcut of a residual that adds only where shapes match."""


class Parameter(msgspec.Struct, frozen=True):
    """The name of a block's parameter, where it stands for a number, or for a multiple of it.

    A `factor` is a whole number, or one over a whole number: rounded down where that leaves a rest.
    """

    name: str
    factor: Fraction = Fraction(1)

    def of(self, value: "SpecData") -> "SpecData":
        """What a value, or another parameter, makes of this one."""
        if isinstance(value, Parameter):
            return replace(value, factor=value.factor * self.factor)
        return (
            value if self.factor == 1 else value * self.factor.numerator // self.factor.denominator
        )

    def __str__(self) -> str:
        many, few = self.factor.numerator, self.factor.denominator
        times = f"{many} * {self.name}" if many > 1 else self.name
        return f"{times} // {few}" if few > 1 else times


class ItemLine(msgspec.Struct, frozen=True):
    """One layer: an op or the call of a block with its fields, or lists of layers.

    `lists` are the lists under a `layers`, `residual` or `parallel`, in the order in which the
    language reads them; `merge` joins those of a `parallel`, or says that a residual is matching.
    `reach` is how many modules around the layer what it `reads` lies outside of. `weights` is the
    layer whose parameters it uses. `of` is a module's class. `when` says whether the layer is there
    at all, None where it always is. Modules of a lower `level` are folded first.
    """

    kind: str
    name: str | None = None
    fields: Mapping[str, SpecData] = {}
    lists: tuple[tuple["ItemLine", ...], ...] = ()
    merge: str = ""
    reads: tuple[str, ...] = ()
    reach: int = 0
    weights: str | None = None
    repeat: int | Parameter = 1
    of: str = ""
    when: bool | Parameter | None = None
    level: int = 0


class BlockLines(msgspec.Struct, frozen=True):
    """A block: its parameters with their defaults, None for those that are required."""

    name: str
    parameters: Mapping[str, SpecData]
    layers: tuple[ItemLine, ...]


def item_lines(items: Sequence[Item], names_of: ItemNames) -> tuple[ItemLine, ...]:
    """The layers of an outline, none of them folded.

    A layer that doesn't read what arrives names what it reads. There is at least one layer.
    """
    layers = tuple(_lines(items, names_of))
    if names_of.input_is_read:
        return (ItemLine("identity", MODEL_INPUT), *layers)
    return layers or (ItemLine("identity"),)


def _lines(items: Sequence[Item], names_of: ItemNames) -> Iterator[ItemLine]:
    return (_line(item, names_of) for item in items)


def _line(item: Item, names_of: ItemNames) -> ItemLine:
    name, reads, reach = names_of.own[id(item)], names_of.reads(item), names_of.reach(item)
    weights = names_of.weights(item)
    if isinstance(item, Leaf):
        op = item.step.op
        known = fields(type(op))
        written = {key: field_data(field, getattr(op, key)) for key, field in known.items()}
        return ItemLine(op.name, name, written, reads=reads, reach=reach, weights=weights)
    parts = tuple([tuple(_lines(part, names_of)) for _, part in lists(item)])
    kind = item.kind if isinstance(item, Group) else ""
    merge = _merge(item) if isinstance(item, Fork) else ""
    return ItemLine(
        item_kind(item),
        name,
        lists=parts,
        merge=merge,
        reads=reads,
        reach=reach,
        weights=weights,
        of=kind,
    )


def _merge(item: Fork) -> str:
    """The op that joins branches; of a residual, which always adds, whether it is matching."""
    if is_residual(item):
        return MATCHING * item.matching
    assert item.merge
    return item.merge.step.op.name


_FOR_EACH_AXIS = frozenset({"axes", "margin", "padding", "kernel padding"})


def field_data(field: Field, value: Any) -> SpecData:
    """A field's value as a person writes it: one number where it is the same for every axis."""
    if field.kind == "shape" and isinstance(value, tuple) and len(value) == 1:
        return value[0]
    return _shortened(value) if field.kind in _FOR_EACH_AXIS else _listed(value)


def _shortened(value: Any) -> SpecData:
    if isinstance(value, tuple) and value:
        parts = [_shortened(part) for part in value]
        same = all(part == parts[0] for part in parts) and not isinstance(parts[0], list)
        return parts[0] if same else parts
    return value


def _listed(value: Any) -> SpecData:
    return [_listed(part) for part in value] if isinstance(value, tuple) else value
