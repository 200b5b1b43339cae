"""An outline -> the layers of a spec, and the recurring ones among them -> blocks.

Modules of one class whose layers are the same but for their numbers become one block; the numbers
that differ are its parameters. Equal calls in a row become one that repeats. How layers look as
text is write.py's.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from sepconv_cli.importing.outline import Fork, Group, Item, Leaf
from sepconv_cli.language.fields import fields
from sepconv_cli.language.layers import LISTS
from sepconv_cli.registry import names, snake_case

Data = Any


class Line(msgspec.Struct, frozen=True):
    """One layer: an op or the call of a block with its fields, or lists of layers.

    `lists` are the lists under a `layers`, `residual` or `parallel`, in the order in which the
    language reads them; `merge` joins those of a `parallel`. `of` is a module's class, `height`
    how many modules stand inside each other in it, itself counted.
    """

    kind: str
    name: str | None = None
    fields: Mapping[str, Data] = {}
    lists: tuple[tuple["Line", ...], ...] = ()
    merge: str = ""
    reads: tuple[int, ...] = ()
    repeat: int = 1
    of: str = ""
    height: int = 0


class BlockLines(msgspec.Struct, frozen=True):
    """A block: its parameters with their defaults, None for those that are required."""

    name: str
    parameters: Mapping[str, Data]
    layers: tuple[Line, ...]


def lines(items: Sequence[Item]) -> tuple[Line, ...]:
    """The layers of an outline, none of them folded."""
    return tuple(_line(item) for item in items)


def _line(item: Item) -> Line:
    if isinstance(item, Leaf):
        op = item.step.op
        written = {
            name: listed(getattr(op, name)) if field.is_list else shortened(getattr(op, name))
            for name, field in fields(type(op)).items()
        }
        name = item.name if item.name != op.name else None
        return Line(op.name, name, written, reads=item.reads)
    if isinstance(item, Group):
        inside = lines(item.items)
        height = 1 + _height(inside)
        return Line(
            "layers", item.name, lists=(inside,), reads=item.reads, of=item.kind, height=height
        )
    return _branched(item)


def _branched(item: Fork) -> Line:
    merge = item.merge.step.op.name
    branches = [lines(branch) for branch in item.branches]
    if merge == "add" and len(branches) == 2:
        longer, shorter = branches if branches[0] else branches[::-1]
        branches = [longer, shorter]
        kind, merge = "residual", ""
    else:
        kind = "parallel"
    height = max(map(_height, branches))
    return Line(kind, lists=tuple(branches), merge=merge, reads=item.reads, height=height)


def shortened(value: Any) -> Data:
    """One number where it is the same for every axis, and on both sides."""
    if isinstance(value, tuple) and value:
        parts = [shortened(part) for part in value]
        same = all(part == parts[0] for part in parts) and not isinstance(parts[0], list)
        return parts[0] if same else parts
    return value


def listed(value: Any) -> Data:
    """A list as it stands, but for one item alone, which needs no brackets."""
    if value is None:
        return None
    parts = [shortened(part) for part in value]
    return parts[0] if len(parts) == 1 and not isinstance(parts[0], list) else parts


def folded(layers: Sequence[Line]) -> tuple[tuple[BlockLines, ...], tuple[Line, ...]]:
    """The blocks, those that others call first, and the layers that call them."""
    folding = _Folding()
    found = folding.layers(layers)
    return tuple(folding.blocks), found


_CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict"})


def _stem(members: Sequence[Line]) -> str:
    """The name of a container's modules, without the number that tells them apart."""
    named = Counter((line.name or "").rstrip("0123456789").rstrip("_") for line in members)
    stem = named.most_common(1)[0][0].replace("-", "_")
    return stem if stem.isidentifier() else "layer_list"


class _Folding:
    """Turns recurring modules into blocks, the innermost first."""

    def __init__(self) -> None:
        self.blocks: list[BlockLines] = []
        self._taken = {*names("ops"), *LISTS}

    def layers(self, layers: Sequence[Line]) -> tuple[Line, ...]:
        """The layers with every recurring module as a call."""
        for height in range(1, _height(layers) + 1):
            layers = self._at(layers, height)
        return _repeated(layers)

    def _at(self, layers: Sequence[Line], height: int) -> tuple[Line, ...]:
        """The modules of one height folded, where two or more of them have one form."""
        groups: dict[Any, list[Line]] = {}
        for line in _modules(layers):
            if line.height == height and _is_closed(line):
                groups.setdefault((line.of, _form(line.lists[0])), []).append(line)
        calls: dict[int, Line] = {}
        for (kind, _), members in groups.items():
            if len(members) > 1:
                calls.update(self._block(kind, members))
        return tuple(_replaced(line, calls) for line in layers)

    def _block(self, kind: str, members: Sequence[Line]) -> dict[int, Line]:
        """A new block, and for each member the call that stands for it."""
        columns = [_Column(*cells) for cells in _columns(members)]
        parameters = _parameters(columns)
        written = [parameters.get(column.values, column.values[0]) for column in columns]
        name = self._name(_stem(members) if kind in _CONTAINERS else snake_case(kind))
        defaults = {parameter.name: _usual(values) for values, parameter in parameters.items()}
        self.blocks.append(BlockLines(name, defaults, _filled(members[0].lists[0], iter(written))))
        return {
            id(line): Line(
                name,
                line.name,
                {parameter.name: values[at] for values, parameter in parameters.items()},
                reads=line.reads,
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
    values: tuple[Data, ...]


class Parameter(msgspec.Struct, frozen=True):
    """The name of a block's parameter, where it stands for a number."""

    name: str


def _columns(members: Sequence[Line]) -> Iterator[tuple[str, str, tuple[Data, ...]]]:
    """The fields of all members side by side."""
    for cells in zip(*(list(_cells(member.lists[0])) for member in members), strict=True):
        layer, field, _ = cells[0]
        yield layer, field, tuple(_hashable(value) for _, _, value in cells)


def _cells(layers: Sequence[Line]) -> Iterator[tuple[str, str, Data]]:
    """Every field of every layer, in the order in which they are written."""
    for line in layers:
        for field, value in line.fields.items():
            yield line.name or line.kind, field, value
        for inside in line.lists:
            yield from _cells(inside)


def _filled(layers: Sequence[Line], values: Iterator[Data]) -> tuple[Line, ...]:
    """The same layers with other values in their fields, taken in order."""
    return tuple(
        replace(
            line,
            fields={field: next(values) for field in line.fields},
            lists=tuple([_filled(inside, values) for inside in line.lists]),
        )
        for line in layers
    )


def _parameters(columns: Sequence[_Column]) -> dict[tuple[Data, ...], Parameter]:
    """A parameter for each different row of values; fields that agree everywhere share one."""
    found: dict[tuple[Data, ...], Parameter] = {}
    taken: set[str] = set()
    for column in columns:
        if len(set(column.values)) == 1 or column.values in found:
            continue
        options = (column.field, f"{column.layer}_{column.field}".replace("-", "_"))
        name = next((each for each in options if each not in taken), f"{options[1]}_{len(taken)}")
        taken.add(name)
        found[column.values] = Parameter(name)
    return found


def _usual(values: Sequence[Data]) -> Data:
    """The value that more than half of the calls have; None where there is none."""
    value, times = Counter(values).most_common(1)[0]
    return value if 2 * times > len(values) else None


def _hashable(value: Data) -> Data:
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


def _form(layers: Sequence[Line]) -> Any:
    """What must be the same in all modules that one block stands for."""
    return tuple(
        (line.kind, line.name, line.merge, line.repeat, tuple(line.fields), _form_of(line))
        for line in layers
    )


def _form_of(line: Line) -> Any:
    words = tuple(v for v in line.fields.values() if isinstance(v, (str, type(None), bool)))
    return words, tuple(_form(inside) for inside in line.lists)


def _height(layers: Sequence[Line]) -> int:
    """How many modules stand inside each other in these layers."""
    return max((line.height for line in layers), default=0)


def _modules(layers: Sequence[Line]) -> Iterator[Line]:
    for line in layers:
        for inside in line.lists:
            yield from _modules(inside)
        if line.kind == "layers":
            yield line


def _is_closed(line: Line) -> bool:
    """Whether nothing inside names what it reads, which a block's body couldn't."""
    return all(not each.reads and _is_closed(each) for inside in line.lists for each in inside)


def _replaced(line: Line, calls: Mapping[int, Line]) -> Line:
    if id(line) in calls:
        return calls[id(line)]
    if not line.lists:
        return line
    inside = tuple(tuple([_replaced(each, calls) for each in part]) for part in line.lists)
    return replace(line, lists=inside)


def _repeated(layers: Sequence[Line]) -> tuple[Line, ...]:
    """Equal calls in a row as one that repeats, where their names count up."""
    found: list[Line] = []
    for line in layers:
        line = replace(line, lists=tuple([_repeated(part) for part in line.lists]))
        last = found[-1] if found else None
        if last is not None and _follows(last, line):
            found[-1] = replace(last, repeat=last.repeat + 1)
        else:
            found.append(line)
    return tuple(found)


def _follows(last: Line, line: Line) -> bool:
    """Whether a layer is the one before it again, under the next number."""
    if line.reads or not (last.name and line.name and last.name.isdecimal()):
        return False
    if line.name != str(int(last.name) + last.repeat):
        return False
    return replace(line, name=last.name, repeat=last.repeat) == last
