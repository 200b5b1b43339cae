"""An outline -> a spec's text: defaults left out, recurring modules as blocks, repeats as `repeat`."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from sepconv_cli.importing.outline import Fork, Group, Item, Leaf
from sepconv_cli.importing.steps import Recorded
from sepconv_cli.language.fields import Field, fields
from sepconv_cli.network import Op

WIDTH = 100
Data = Any


def fields_of(op: Op) -> dict[str, Data]:
    """The fields that differ from their defaults, as a person writes them."""
    known = fields(type(op))
    return {
        name: short
        for name, field in known.items()
        if (short := _short(field, getattr(op, name))) != _short(field, field.default)
        or field.required
    }


def _short(field: Field, value: Any) -> Data:
    """One number where it is the same for every axis."""
    if field.kind in ("axes", "margin") and isinstance(value, tuple):
        return value[0] if len(set(value)) == 1 else list(value)
    if field.kind == "padding" and isinstance(value, tuple):
        sides = [pair[0] if pair[0] == pair[1] else list(pair) for pair in value]
        return (
            sides[0] if all(side == sides[0] and isinstance(side, int) for side in sides) else sides
        )
    if isinstance(value, Fraction):
        return str(value)
    return value


def layer(item: Item, names: dict[int, str]) -> Data:
    """An item as a spec's layer."""
    if isinstance(item, Leaf):
        return _leaf(item, names)
    if isinstance(item, Group):
        return _named({"layers": [layer(each, names) for each in item.items]}, item.name)
    return _fork(item, names)


def _leaf(item: Leaf, names: dict[int, str]) -> Data:
    kind, given = item.step.op.name, fields_of(item.step.op)
    found: Data = {kind: given} if given else kind
    if item.name != kind:
        found = _named(found, item.name)
    if item.reads:
        found = _mapping(found)
        sources = [names[value] for value in item.reads]
        found["from"] = sources[0] if len(sources) == 1 else sources
    return found


def _fork(item: Fork, names: dict[int, str]) -> Data:
    merge = item.merge.step.op.name
    branches = [[layer(each, names) for each in branch] for branch in item.branches]
    if merge == "add" and len(branches) == 2:
        if not branches[0]:
            branches.reverse()
        if not branches[1]:
            return {"residual": branches[0]}
        return {"residual": {"layers": branches[0], "shortcut": branches[1]}}
    return {"parallel": {"merge": merge, "branches": [each or ["identity"] for each in branches]}}


def _mapping(data: Data) -> dict[str, Data]:
    return dict(data) if isinstance(data, dict) else {data: None}


def _named(data: Data, name: str) -> dict[str, Data]:
    return {**_mapping(data), "name": name}


def spec_text(recorded: Recorded, items: Sequence[Item]) -> str:
    """The whole spec."""
    shape = [recorded.input.channels, *recorded.input.size]
    head = [f"name: {recorded.name}", f"input: {_flow(shape)}", "layers:"]
    layers = [layer(item, {}) for item in items]
    return "\n".join([*head, *_lines(layers, 2)]) + "\n"


def _lines(layers: Sequence[Data], indent: int) -> Iterator[str]:
    """Layers as lines: one for each where it fits."""
    pad = " " * indent
    for data in layers:
        flow = _flow(data)
        nested = isinstance(data, dict) and any(
            key in data for key in ("layers", "residual", "parallel")
        )
        if not nested:
            yield f"{pad}- {flow}"
            continue
        yield from _nested(data, pad)


def _nested(data: dict[str, Data], pad: str) -> Iterator[str]:
    first = True
    for key, value in sorted(data.items(), key=lambda pair: pair[0] != "name"):
        lead = f"{pad}- " if first else f"{pad}  "
        first = False
        if isinstance(value, list):
            yield f"{lead}{key}:"
            yield from _lines(value, len(pad) + 4)
        elif isinstance(value, dict) and key in ("residual", "parallel"):
            yield f"{lead}{key}:"
            for inner, part in value.items():
                yield from _part(inner, part, len(pad) + 6)
        else:
            yield f"{lead}{key}: {_flow(value)}"


def _part(key: str, value: Data, indent: int) -> Iterator[str]:
    pad = " " * indent
    if key == "branches":
        yield f"{pad}{key}:"
        for branch in value:
            lines = list(_lines(branch, indent + 4))
            yield f"{pad}  - {lines[0].strip()}"
            yield from lines[1:]
    elif isinstance(value, list):
        yield f"{pad}{key}:"
        yield from _lines(value, indent + 2)
    else:
        yield f"{pad}{key}: {_flow(value)}"


def _flow(data: Data) -> str:
    if isinstance(data, dict):
        return (
            "{"
            + ", ".join(
                f"{key}: {_flow(value)}" if value is not None else f"{key}: "
                for key, value in data.items()
            )
            + "}"
        )
    if isinstance(data, (list, tuple)):
        return "[" + ", ".join(_flow(item) for item in data) + "]"
    if isinstance(data, bool):
        return "true" if data else "false"
    return str(data)
