"""Nodes -> blocks: those of the spec, and those of the files that it includes."""

from collections.abc import Iterable, Mapping
from keyword import kwlist
from typing import NamedTuple

from sepconv_cli.errors import Place, Problems
from sepconv_cli.language.layers import LAYER_KEYS, LISTS, LayerReader, broken_layer, calls
from sepconv_cli.language.model import Block, Parameters, Required
from sepconv_cli.language.nodes import Mapping as NodeMapping
from sepconv_cli.language.nodes import Scalar, YamlNode
from sepconv_cli.language.values import ValueReader
from sepconv_cli.registry import names

BLOCK_KEYS = ("parameters", "layers")
MAX_CALLS = 50
RESERVED = frozenset({"in_channels", "in_size", "true", "false", *LISTS, *LAYER_KEYS, *kwlist})


class Body(NamedTuple):
    """What stands under a block's name: its parameters read, its layers not yet, since they
    may call a block that stands below."""

    parameters: Parameters
    layers: YamlNode | None
    place: Place
    named: Place


def read_bodies(files: Iterable[NodeMapping], values: ValueReader) -> dict[str, Body]:
    """The blocks of a spec and its files, by name."""
    bodies: dict[str, Body] = {}
    for file in files:
        node = file.entries.get("blocks")
        entries = values.optional_mapping(node, "blocks as keys and values")
        if entries is None:
            continue
        for name, value in entries.entries.items():
            place = entries.keys[name]
            if name in names("ops") or name in RESERVED:
                hint = "name it otherwise"
                values.complain(f"{name} is already the name of an op", place, hint)
            elif name in bodies:
                first = bodies[name].named
                hint = f"the first is in {first.source.name}, line {first.line}"
                values.complain(f"a second block called {name}", place, hint)
            else:
                bodies[name] = _body(name, value, place, values)
    return bodies


def _body(name: str, node: YamlNode, place: Place, values: ValueReader) -> Body:
    body = values.mapping(node, f"the block {name} as keys and values")
    if body is None or not values.is_name(name, "block", place):
        return Body({}, None, node.place, place)
    values.known_keys(body, BLOCK_KEYS, "key of a block")
    values.required_keys(body, ("layers",), f"the block {name}")
    parameters = read_parameters(body.entries.get("parameters"), values)
    return Body(parameters, body.entries.get("layers"), body.place, place)


def read_parameters(node: YamlNode | None, values: ValueReader) -> Parameters:
    """The parameters of a spec or a block, each with its default or required."""
    entries = values.optional_mapping(node, "parameters as keys and values")
    if entries is None:
        return {}
    parameters: Parameters = {}
    for name, value in entries.entries.items():
        if not (name.isidentifier() and name.isascii()) or name in RESERVED:
            values.complain(
                f"{name} can't be a parameter's name",
                entries.keys[name],
                "a name has letters, digits and underscores, and is no word of the language",
            )
        elif isinstance(value, Scalar) and value.value == "required":
            parameters[name] = Required(value.place)
        else:
            parameters[name] = values.value(value)
    return parameters


def read_blocks(
    bodies: Mapping[str, Body], layers: LayerReader, problems: Problems
) -> dict[str, Block]:
    """The blocks with their layers; those that would call without end are broken."""
    blocks = {
        name: Block(body.parameters, layers.layers(body.layers) or (broken_layer(body.place),))
        for name, body in bodies.items()
    }
    named = {name: body.named for name, body in bodies.items()}
    for name, place in _endless(blocks, named, problems).items():
        blocks[name] = Block(blocks[name].parameters, (broken_layer(place),))
    return blocks


def _endless(
    blocks: Mapping[str, Block], named: Mapping[str, Place], problems: Problems
) -> dict[str, Place]:
    """Report the blocks that call themselves, even by way of others, or too many others."""
    found: dict[str, Place] = {}
    depths: dict[str, int] = {}

    def depth(name: str, path: tuple[str, ...]) -> int:
        """How deep the calls below a block go, which is one call deep itself."""
        if name in depths or len(path) > MAX_CALLS:
            return depths.get(name, 1)
        deepest = 0
        for call in calls(blocks[name].layers):
            if call.kind in (*path, name):
                circle = " -> ".join((*path, name, call.kind))
                found[call.kind] = call.place
                problems.complain(f"a block that calls itself: {circle}", call.place)
            elif call.kind in blocks:
                deepest = max(deepest, depth(call.kind, (*path, name)))
        depths[name] = deepest + 1
        if depths[name] > MAX_CALLS:
            found[name] = named[name]
            depths[name] = 1
            message = f"blocks that call blocks, more than {MAX_CALLS} deep"
            problems.complain(message, named[name])
        return depths[name]

    for name in blocks:
        depth(name, ())
    return found
