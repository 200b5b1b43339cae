"""Modules of one form -> a block, and for each of them the call that stands for it."""

from collections.abc import Iterable, Iterator, Sequence
from math import isinf
from typing import Any

from msgspec.structs import replace

from sepconv_cli.importing.text.lines import BlockLines, ItemLine, SpecData
from sepconv_cli.importing.text.parameters import FieldColumn, parameters_of
from sepconv_cli.registry import names

_Form = Any


def alike(lines: Iterable[ItemLine]) -> Iterator[list[ItemLine]]:
    """The modules that one block can stand for, where two or more can.

    They are of one class and have the same layers, which read nothing outside of the module; some
    may lack those of a shortcut.
    """
    groups: dict[_Form, list[ItemLine]] = {}
    for line in filter(_is_closed, lines):
        groups.setdefault((line.of, _form(line.lists[0])), []).append(line)
    for members in groups.values():
        yield from (each for each in _by_shortcuts(members) if len(each) > 1)


def _is_closed(line: ItemLine, around: int = 0) -> bool:
    """Whether nothing in a module names what lies outside of it, as a block's body shouldn't."""
    inside = around + (line.kind == "layers")
    return all(
        each.reach < inside and each.weights is None and _is_closed(each, inside)
        for part in line.lists
        for each in part
    )


def _by_shortcuts(members: Sequence[ItemLine]) -> list[list[ItemLine]]:
    """The members cut into lists, in each of which all shortcuts of one residual are the same."""
    found: list[tuple[list[_Form], list[ItemLine]]] = []
    shortcuts = {id(line): tuple(_shortcuts(line.lists[0])) for line in members}
    for line in sorted(members, key=lambda line: -len([1 for each in shortcuts[id(line)] if each])):
        own = shortcuts[id(line)]
        for known, listed in found:
            if all(not a or not b or a == b for a, b in zip(known, own, strict=True)):
                known[:] = [a or b for a, b in zip(known, own, strict=True)]
                listed.append(line)
                break
        else:
            found.append((list(own), [line]))
    order = {id(line): at for at, line in enumerate(members)}
    return [sorted(listed, key=lambda line: order[id(line)]) for _, listed in found]


def _form(layers: Sequence[ItemLine]) -> _Form:
    """What must be the same in all modules that one block stands for."""
    return tuple([_form_of(line) for line in layers])


def _form_of(line: ItemLine) -> _Form:
    is_op = line.kind in names("ops")
    words = tuple([value for value in line.fields.values() if is_op and _is_word(value)])
    inside = line.lists[:1] if line.kind == "residual" else line.lists
    repeats = line.repeat != 1 and not (line.name or "").isdecimal()
    return (
        (
            line.kind,
            line.name,
            line.merge,
            line.reads,
            line.weights,
            repeats,
            tuple(line.fields),
            words,
        ),
        tuple([_form(part) for part in inside]),
    )


def _is_word(value: SpecData) -> bool:
    """Whether a value can't be a parameter's."""
    return isinstance(value, (str, bool, type(None))) or (isinstance(value, float) and isinf(value))


def _shortcuts(layers: Sequence[ItemLine]) -> Iterator[_Form]:
    """The form of every residual's shortcut, empty where there is none."""
    for line in layers:
        if line.kind == "residual":
            yield _form(line.lists[1]) and (_form(line.lists[1]), *_shortcuts(line.lists[1]))
            yield from _shortcuts(line.lists[0])
        else:
            for part in line.lists:
                yield from _shortcuts(part)


def block_of(name: str, members: Sequence[ItemLine]) -> tuple[BlockLines, dict[int, ItemLine]]:
    """A new block, and by its id for each member the call that stands for it."""
    bodies = [line.lists[0] for line in members]
    body = _united(bodies)
    cells = [list(_cells(body, each)) for each in bodies]
    columns = [
        FieldColumn(*cell[:2], tuple([row[at][2] for row in cells]))
        for at, cell in enumerate(cells[0])
    ]
    parameters, written = parameters_of(columns)
    times = [line.repeat if isinstance(line.repeat, int) else 1 for line in members]
    defaults = {each.parameter.name: each.default(times) for each in parameters}
    block = BlockLines(name, defaults, _filled(body, iter(written)))
    return block, {
        id(line): ItemLine(
            name,
            line.name,
            {each.parameter.name: each.values[at] for each in parameters},
            reads=line.reads,
            reach=line.reach,
            weights=line.weights,
            repeat=line.repeat,
        )
        for at, line in enumerate(members)
    }


def _united(bodies: Sequence[Sequence[ItemLine]]) -> tuple[ItemLine, ...]:
    """The layers of the first, with every shortcut that any of them has."""
    return tuple([_united_line(lines) for lines in zip(*bodies, strict=True)])


def _united_line(lines: Sequence[ItemLine]) -> ItemLine:
    first = lines[0]
    parts = []
    for at in range(len(first.lists)):
        there = [line.lists[at] for line in lines if line.lists[at]]
        part = _united(there) if there else ()
        if len(there) < len(lines):
            part = tuple([replace(line, when=True) for line in part])
        parts.append(part)
    return replace(first, lists=tuple(parts)) if parts else first


_Cell = tuple[str, str, SpecData]


def _cells(body: Sequence[ItemLine], layers: Sequence[ItemLine]) -> Iterator[_Cell]:
    """Every number of a member in the body's order, None where it hasn't the layer."""
    for at, line in enumerate(body):
        own = layers[at] if layers else None
        layer = line.name or line.kind
        if line.when is not None:
            yield layer, "when", own is not None
        if _counts(line):
            yield layer, "repeat", own and own.repeat
        for field in line.fields:
            yield layer, field, own and _hashable(own.fields[field])
        for place, part in enumerate(line.lists):
            yield from _cells(part, own.lists[place] if own else ())


def _filled(body: Sequence[ItemLine], values: Iterator[SpecData]) -> tuple[ItemLine, ...]:
    """The same layers with other values, taken in the order of the cells."""
    return tuple(
        [
            replace(
                line,
                when=line.when if line.when is None else next(values),
                repeat=next(values) if _counts(line) else line.repeat,
                fields={field: next(values) for field in line.fields},
                lists=tuple([_filled(part, values) for part in line.lists]),
            )
            for line in body
        ]
    )


def _counts(line: ItemLine) -> bool:
    """Whether members may differ in how often a layer repeats."""
    return line.repeat != 1 or (line.name or "").isdecimal()


def _hashable(value: SpecData) -> SpecData:
    return tuple([_hashable(each) for each in value]) if isinstance(value, list) else value
