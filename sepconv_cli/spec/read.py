"""Nodes -> model: what each key means, with every problem of the file at once.

Nothing is worked out here: expressions are compiled and not run, so that a mistake in
a block that nobody calls is found too. Shapes and numbers are lower.py's business.
"""

from collections.abc import Mapping
from keyword import kwlist

from sepconv_cli.errors import Place, Problem, Source, SpecError, did_you_mean
from sepconv_cli.registry import names, record
from sepconv_cli.spec.layers import LAYER_KEYS, LISTS, LayerReader, broken_layer, calls
from sepconv_cli.spec.model import (
    Block,
    Fields,
    Parameters,
    Required,
    RuleChoice,
    Spec,
    Value,
    VariantChoice,
)
from sepconv_cli.spec.nodes import Mapping as NodeMapping
from sepconv_cli.spec.nodes import Node, Scalar, Sequence
from sepconv_cli.spec.source import parse
from sepconv_cli.spec.values import Call

TOP_KEYS = ("name", "source", "input", "parameters", "blocks", "layers", "variants", "rewrite")
BLOCK_KEYS = ("parameters", "layers")
MAX_CALLS = 50
_RESERVED = frozenset({"in_channels", "in_size", "true", "false", *LISTS, *LAYER_KEYS, *kwlist})


def read(source: Source, problems: list[Problem]) -> Spec:
    """The description in a text. What can be read around is added to `problems`.

    Raises SpecError where nothing can be read.
    """
    root = parse(source, problems)
    spec = _Reader(source, problems).spec(root)
    if spec is None:
        raise SpecError(problems)
    return spec


def read_options(variant: str, options: Mapping[str, str]) -> VariantChoice:
    """A variant with options as they are typed on a command line. Raises SpecError."""
    problems: list[Problem] = []
    fields: Fields = {}
    for name, text in options.items():
        source = Source(f"--{name.replace('_', '-')}", text)
        place = Place(source, 1, 1)
        try:
            node = NodeMapping({name: parse(source, problems)}, {name: place}, place)
            fields |= _Reader(source, problems).variant(variant, place, node).options
        except SpecError as error:
            problems.extend(error.problems)
    if problems:
        raise SpecError(problems)
    return VariantChoice(variant, fields, Place(Source("command line", ""), 1, 1))


class _Reader(LayerReader):
    def __init__(self, source: Source, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.source = source

    def spec(self, root: Node) -> Spec | None:
        top = self.mapping(root, "a spec as keys and values", "such as `input: [3, 224, 224]`")
        if top is None:
            return None
        self.known_keys(top, TOP_KEYS, "key")
        self.required_keys(top, ("input", "layers"), "a spec")
        parameters = self.parameters(top.entries.get("parameters"))
        blocks = self.read_blocks(top.entries.get("blocks"))
        return Spec(
            source=self.source,
            name=self.word(top.entries.get("name")) or self.source.name,
            reference=self.word(top.entries.get("source")),
            input=self.optional_value(top.entries.get("input")) or Value(None, top.place),
            parameters=parameters,
            blocks=blocks,
            layers=self.layers(top.entries.get("layers")),
            variants=self.variants(top.entries.get("variants")),
            rules=self.rules(top.entries.get("rewrite")),
        )

    def parameters(self, node: Node | None) -> Parameters:
        entries = self.optional_mapping(node, "parameters as keys and values")
        if entries is None:
            return {}
        parameters: Parameters = {}
        for name, value in entries.entries.items():
            if not (name.isidentifier() and name.isascii()) or name in _RESERVED:
                self.complain(
                    f"{name} can't be a parameter's name",
                    entries.keys[name],
                    "a name has letters, digits and underscores, and is no word of the language",
                )
            elif isinstance(value, Scalar) and value.value == "required":
                parameters[name] = Required(value.place)
            else:
                parameters[name] = self.value(value)
        return parameters

    def read_blocks(self, node: Node | None) -> dict[str, Block]:
        """The blocks in two passes, since any block may call any other."""
        entries = self.optional_mapping(node, "blocks as keys and values")
        if entries is None:
            return {}
        bodies: dict[str, NodeMapping] = {}
        for name, value in entries.entries.items():
            if name in names("ops") or name in _RESERVED:
                self.complain(
                    f"{name} is already the name of an op", entries.keys[name], "name it otherwise"
                )
                continue
            self.blocks[name] = {}
            body = self.mapping(value, f"the block {name} as keys and values")
            if body is None or not self.is_name(name, "block", entries.keys[name]):
                bodies[name] = NodeMapping({}, {}, value.place)
                continue
            bodies[name] = body
            self.known_keys(body, BLOCK_KEYS, "key of a block")
            self.required_keys(body, ("layers",), f"the block {name}")
            self.blocks[name] = self.parameters(body.entries.get("parameters"))
        blocks = {
            name: Block(
                self.blocks[name],
                self.layers(body.entries.get("layers")) or (broken_layer(body.place),),
            )
            for name, body in bodies.items()
        }
        for name, place in self.endless(blocks, entries.keys).items():
            blocks[name] = Block(blocks[name].parameters, (broken_layer(place),))
        return blocks

    def endless(self, blocks: dict[str, Block], places: dict[str, Place]) -> dict[str, Place]:
        """Report the blocks that call themselves, be it by way of others, or too many others."""
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
                    self.complain(f"a block that calls itself: {circle}", call.place)
                elif call.kind in blocks:
                    deepest = max(deepest, depth(call.kind, (*path, name)))
            depths[name] = deepest + 1
            if depths[name] > MAX_CALLS:
                found[name] = places[name]
                depths[name] = 1
                message = f"blocks that call blocks, more than {MAX_CALLS} deep"
                self.complain(message, places[name])
            return depths[name]

        for name in blocks:
            depth(name, ())
        return found

    def variants(self, node: Node | None) -> tuple[VariantChoice, ...] | None:
        """A list of names, or a mapping from name to options; None where nothing is written."""
        if isinstance(node, Sequence):
            listed: list[tuple[str | None, Place, Node | None]] = [
                (self.word(item), item.place, None) for item in node.items
            ]
        elif (
            entries := self.optional_mapping(node, "variants as a list or a mapping")
        ) is not None:
            listed = [(name, entries.keys[name], value) for name, value in entries.entries.items()]
        else:
            return None
        return tuple(
            self.variant(name, place, options)
            for name, place, options in listed
            if name is not None and self.known_variant(name, place)
        )

    def rules(self, node: Node | None) -> tuple[RuleChoice, ...]:
        """A list of patterns, or a mapping from patterns to true, false or a variant."""
        if isinstance(node, Sequence):
            words = [(self.word(item), item.place) for item in node.items]
            return tuple(RuleChoice(word, None, place) for word, place in words if word)
        entries = self.optional_mapping(node, "rewrite as a list or a mapping of patterns")
        found: list[RuleChoice] = []
        for pattern, value in entries.entries.items() if entries else ():
            if isinstance(value, Scalar) and isinstance(value.value, bool):
                variant = None if value.value else "standard"
            else:
                variant = self.word(value)
                if variant is None or not self.known_variant(variant, value.place):
                    continue
            found.append(RuleChoice(pattern, variant, value.place))
        return tuple(found)

    def known_variant(self, name: str, place: Place) -> bool:
        if name in names("variants"):
            return True
        hint = did_you_mean(name, names("variants"))
        self.complain(f"no variant is called {name}", place, hint)
        return False

    def variant(self, name: str, place: Place, node: Node | None) -> VariantChoice:
        options = self.record_fields(record("variants", name), node, Call(name, place))
        return VariantChoice(name, options, place)
