"""An outline -> the layers of a spec, and the recurring ones among them -> blocks.

Modules of one class whose layers are the same but for their numbers become one block; the numbers
that differ are its parameters. Equal calls in a row become one that repeats. How layers look as
text is write.py's.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from sepconv_cli.importing.outline import Fork, Group, Item, Leaf
from sepconv_cli.importing.owners import owners
from sepconv_cli.language.fields import Field, fields
from sepconv_cli.language.layers import LISTS
from sepconv_cli.lowering.naming import numbered
from sepconv_cli.registry import names, snake_case

SpecData = Any


class ItemLine(msgspec.Struct, frozen=True):
    """One layer: an op or the call of a block with its fields, or lists of layers.

    `lists` are the lists under a `layers`, `residual` or `parallel`, in the order in which the
    language reads them; `merge` joins those of a `parallel`. `of` is a module's class, `height`
    how many modules stand inside each other in it, itself counted. `weights` is the layer whose
    parameters it uses.
    """

    kind: str
    name: str | None = None
    fields: Mapping[str, SpecData] = {}
    lists: tuple[tuple["ItemLine", ...], ...] = ()
    merge: str = ""
    reads: tuple[str, ...] = ()
    weights: str | None = None
    repeat: int = 1
    of: str = ""
    height: int = 0


class BlockLines(msgspec.Struct, frozen=True):
    """A block: its parameters with their defaults, None for those that are required."""

    name: str
    parameters: Mapping[str, SpecData]
    layers: tuple[ItemLine, ...]


def item_lines(items: Sequence[Item]) -> tuple[ItemLine, ...]:
    """The layers of an outline, none of them folded.

    A layer that doesn't read what arrives names what it reads; the model's input gets a name where
    one is needed.
    """
    names_of = _Names(items)
    layers = tuple(_lines(items, names_of))
    return (ItemLine("identity", INPUT), *layers) if names_of.input_is_read else layers


INPUT = "input"


class _Names:
    """The name of every value, as the lowered network will have it, no two in a list alike."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.own: dict[int, str | None] = {}
        self.input_is_read = False
        self._full: dict[int, str] = {}
        self._items: list[Item] = []
        self._of_item: dict[int, str] = {}
        self._walk(items, "")
        self._owners = owners(self._items)

    def weights(self, item: Item) -> str | None:
        """The name of the item whose parameters this one uses."""
        owner = self._owners.get(id(item))
        if owner is None:
            return None
        item, only = owner
        name = self._of_item[id(item)]
        return name if only is None else f"{name}.{only}"

    def __getitem__(self, value: int) -> str:
        if value < 0:
            self.input_is_read = True
            return INPUT
        return self._full[value]

    def _walk(self, items: Sequence[Item], prefix: str) -> None:
        """Name the items of a list: a name that was given before gets a number."""
        taken: set[str] = {INPUT}
        bases = []
        for item in items:
            kind = _kind(item)
            name = getattr(item, "name", kind)
            if name != kind and name in taken:
                name = next(
                    each for n in count(2) if (each := f"{_as_word(name)}_{n}") not in taken
                )
            taken.update([name] if name != kind else [])
            self.own[id(item)] = name if name != kind else None
            bases.append(name)
        for item, (name,) in zip(items, numbered(bases, [1] * len(bases)), strict=True):
            self._items.append(item)
            for label, inside in _inside(item):
                self._walk(inside, f"{prefix}{name}.{label}")
            self._full[item.value] = self._of_item[id(item)] = prefix + name


def _inside(item: Item) -> Iterator[tuple[str, Sequence[Item]]]:
    """The lists in an item, each with what the language puts before its layers' names."""
    if isinstance(item, Group):
        yield "", item.items
    elif isinstance(item, Fork):
        labels = ("", "shortcut.") if _adds(item) else map("branch_{}.".format, count(1))
        yield from zip(labels, _ordered(item), strict=False)


def _ordered(item: Fork) -> Sequence[Sequence[Item]]:
    """The branches as they are written: a shortcut that does nothing comes last."""
    return item.branches[::-1] if _adds(item) and not item.branches[0] else item.branches


def _kind(item: Item) -> str:
    """What the language calls a layer like that."""
    if isinstance(item, Leaf):
        return item.step.op.name
    return "layers" if isinstance(item, Group) else "residual" if _adds(item) else "parallel"


def _adds(item: Fork) -> bool:
    return item.merge.step.op.name == "add" and len(item.branches) == 2


def _lines(items: Sequence[Item], names_of: _Names) -> Iterator[ItemLine]:
    return (_line(item, names_of) for item in items)


def _line(item: Item, names_of: _Names) -> ItemLine:
    name = names_of.own.get(id(item))
    reads = tuple(names_of[value] for value in item.reads)
    weights = names_of.weights(item)
    if isinstance(item, Leaf):
        op = item.step.op
        written = {
            key: field_data(field, getattr(op, key)) for key, field in fields(type(op)).items()
        }
        return ItemLine(op.name, name, written, reads=reads, weights=weights)
    if isinstance(item, Group):
        inside = tuple(_lines(item.items, names_of))
        height = 1 + _height(inside)
        return ItemLine(
            "layers",
            name,
            lists=(inside,),
            reads=reads,
            weights=weights,
            of=item.kind,
            height=height,
        )
    branches = [tuple(_lines(branch, names_of)) for branch in _ordered(item)]
    merge = "" if _adds(item) else item.merge.step.op.name
    height = max(map(_height, branches))
    return ItemLine(_kind(item), lists=tuple(branches), merge=merge, reads=reads, height=height)


_FOR_EACH_AXIS = frozenset({"axes", "margin", "padding", "kernel padding"})


def field_data(field: Field, value: Any) -> SpecData:
    """A field's value as a person writes it: one number where it is the same for every axis."""
    return _shortened(value) if field.kind in _FOR_EACH_AXIS else _listed(value)


def _shortened(value: Any) -> SpecData:
    if isinstance(value, tuple) and value:
        parts = [_shortened(part) for part in value]
        same = all(part == parts[0] for part in parts) and not isinstance(parts[0], list)
        return parts[0] if same else parts
    return value


def _listed(value: Any) -> SpecData:
    return [_listed(part) for part in value] if isinstance(value, tuple) else value


def folded(layers: Sequence[ItemLine]) -> tuple[tuple[BlockLines, ...], tuple[ItemLine, ...]]:
    """The blocks, those that others call first, and the layers that call them."""
    folding = _Folding()
    found = folding.layers(layers)
    return tuple(folding.blocks), found


_CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict"})


def _stem(members: Sequence[ItemLine]) -> str:
    """The name of a container's modules, without the number that tells them apart."""
    named = Counter((line.name or "").rstrip("0123456789").rstrip("_") for line in members)
    stem = named.most_common(1)[0][0].replace("-", "_")
    return stem if stem.isidentifier() else "layer_list"


class _Folding:
    """Turns recurring modules into blocks, the innermost first."""

    def __init__(self) -> None:
        self.blocks: list[BlockLines] = []
        self._taken = {*names("ops"), *LISTS}

    def layers(self, layers: Sequence[ItemLine]) -> tuple[ItemLine, ...]:
        """The layers with every recurring module as a call."""
        for height in range(1, _height(layers) + 1):
            layers = self._at(layers, height)
        return _repeated(layers)

    def _at(self, layers: Sequence[ItemLine], height: int) -> tuple[ItemLine, ...]:
        """The modules of one height folded, where two or more of them have one form."""
        groups: dict[Any, list[ItemLine]] = {}
        for line in _modules(layers):
            if line.height == height and _is_closed(line):
                groups.setdefault((line.of, _form(line.lists[0])), []).append(line)
        calls: dict[int, ItemLine] = {}
        for (kind, _), members in groups.items():
            if len(members) > 1:
                calls.update(self._block(kind, members))
        return tuple(_replaced(line, calls) for line in layers)

    def _block(self, kind: str, members: Sequence[ItemLine]) -> dict[int, ItemLine]:
        """A new block, and for each member the call that stands for it."""
        columns = [_Column(*cells) for cells in _columns(members)]
        parameters = _parameters(columns)
        written = [parameters.get(column.values, column.values[0]) for column in columns]
        name = self._name(_stem(members) if kind in _CONTAINERS else snake_case(kind))
        defaults = {parameter.name: _usual(values) for values, parameter in parameters.items()}
        self.blocks.append(BlockLines(name, defaults, _filled(members[0].lists[0], iter(written))))
        return {
            id(line): ItemLine(
                name,
                line.name,
                {parameter.name: values[at] for values, parameter in parameters.items()},
                reads=line.reads,
                weights=line.weights,
            )
            for at, line in enumerate(members)
        }

    def _name(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name)
        return name


class _Column(NamedTuple):
    """One field of one layer in every member of a group: where it stands, and its values."""

    layer: str
    field: str
    values: tuple[SpecData, ...]


class Parameter(msgspec.Struct, frozen=True):
    """The name of a block's parameter, where it stands for a number."""

    name: str


def _columns(members: Sequence[ItemLine]) -> Iterator[tuple[str, str, tuple[SpecData, ...]]]:
    """The fields of all members side by side."""
    for cells in zip(*(list(_cells(member.lists[0])) for member in members), strict=True):
        layer, field, _ = cells[0]
        yield layer, field, tuple(_hashable(value) for _, _, value in cells)


def _cells(layers: Sequence[ItemLine]) -> Iterator[tuple[str, str, SpecData]]:
    """Every field of every layer, in the order in which they are written."""
    for line in layers:
        for field, value in line.fields.items():
            yield line.name or line.kind, field, value
        for inside in line.lists:
            yield from _cells(inside)


def _filled(layers: Sequence[ItemLine], values: Iterator[SpecData]) -> tuple[ItemLine, ...]:
    """The same layers with other values in their fields, taken in order."""
    return tuple(
        replace(
            line,
            fields={field: next(values) for field in line.fields},
            lists=tuple([_filled(inside, values) for inside in line.lists]),
        )
        for line in layers
    )


def _parameters(columns: Sequence[_Column]) -> dict[tuple[SpecData, ...], Parameter]:
    """A parameter for each different row of values; fields that agree everywhere share one."""
    found: dict[tuple[SpecData, ...], Parameter] = {}
    taken: set[str] = set()
    for column in columns:
        if len(set(column.values)) == 1 or column.values in found:
            continue
        options = (column.field, f"{_as_word(column.layer)}_{column.field}".replace("-", "_"))
        name = next((each for each in options if each not in taken), f"{options[1]}_{len(taken)}")
        taken.add(name)
        found[column.values] = Parameter(name)
    return found


def _as_word(name: str) -> str:
    """A name that expressions can hold: torch's may start with a digit."""
    return f"layer_{name}" if name[:1].isdecimal() else name


def _usual(values: Sequence[SpecData]) -> SpecData:
    """The value that more than half of the calls have; None where there is none."""
    value, times = Counter(values).most_common(1)[0]
    return value if 2 * times > len(values) else None


def _hashable(value: SpecData) -> SpecData:
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


def _form(layers: Sequence[ItemLine]) -> Any:
    """What must be the same in all modules that one block stands for."""
    return tuple(
        (
            line.kind,
            line.name,
            line.merge,
            line.repeat,
            line.weights,
            tuple(line.fields),
            _form_of(line),
        )
        for line in layers
    )


def _form_of(line: ItemLine) -> Any:
    words = tuple(v for v in line.fields.values() if isinstance(v, (str, type(None), bool)))
    return words, tuple(_form(inside) for inside in line.lists)


def _height(layers: Sequence[ItemLine]) -> int:
    """How many modules stand inside each other in these layers."""
    return max((line.height for line in layers), default=0)


def _modules(layers: Sequence[ItemLine]) -> Iterator[ItemLine]:
    for line in layers:
        for inside in line.lists:
            yield from _modules(inside)
        if line.kind == "layers":
            yield line


def _is_closed(line: ItemLine) -> bool:
    """Whether nothing inside names another layer, which a block's body couldn't."""
    return all(
        not each.reads and each.weights is None and _is_closed(each)
        for inside in line.lists
        for each in inside
    )


def _replaced(line: ItemLine, calls: Mapping[int, ItemLine]) -> ItemLine:
    if id(line) in calls:
        return calls[id(line)]
    if not line.lists:
        return line
    inside = tuple(tuple([_replaced(each, calls) for each in part]) for part in line.lists)
    return replace(line, lists=inside)


def _repeated(layers: Sequence[ItemLine]) -> tuple[ItemLine, ...]:
    """Equal calls in a row as one that repeats, where their names count up."""
    found: list[ItemLine] = []
    for line in layers:
        line = replace(line, lists=tuple([_repeated(part) for part in line.lists]))
        last = found[-1] if found else None
        if last is not None and _follows(last, line):
            found[-1] = replace(last, repeat=last.repeat + 1)
        else:
            found.append(line)
    return tuple(found)


def _follows(last: ItemLine, line: ItemLine) -> bool:
    """Whether a layer is the one before it again, under the next number."""
    if line.reads or not (last.name and line.name and last.name.isdecimal()):
        return False
    if line.name != str(int(last.name) + last.repeat):
        return False
    return replace(line, name=last.name, repeat=last.repeat) == last
