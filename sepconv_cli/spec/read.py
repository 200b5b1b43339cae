"""Nodes -> model: what each key means, with every problem of the file at once.

Nothing is worked out here: expressions are compiled and not run, so that a mistake in
a block that nobody calls is found too. Shapes and numbers are lower.py's business.
"""

from collections.abc import Iterable
from typing import Any

from sepconv_cli.errors import Place, Problem, Source, SpecError, did_you_mean
from sepconv_cli.registry import names, record
from sepconv_cli.spec.expression import ExpressionError, compile_expression
from sepconv_cli.spec.fields import Field, fields
from sepconv_cli.spec.model import (
    BROKEN_LAYER,
    Block,
    Fields,
    Layer,
    Parameters,
    Required,
    Spec,
    Value,
    VariantChoice,
)
from sepconv_cli.spec.source import Broken, Mapping, Node, Scalar, Sequence, parse

TOP_KEYS = ("name", "source", "input", "parameters", "blocks", "layers", "variants")
BLOCK_KEYS = ("parameters", "layers")
LAYER_KEYS = ("name", "repeat", "rewrite")
_RESERVED = frozenset({"in_channels", "in_size", "true", "false", "layers", *LAYER_KEYS})


def read(source: Source, problems: list[Problem]) -> Spec:
    """The description in a text. What can be read around is added to `problems`.

    Raises SpecError where nothing can be read.
    """
    root = parse(source, problems)
    spec = _Reader(source, problems).spec(root)
    if spec is None:
        raise SpecError(problems)
    return spec


def read_options(variant: str, options: dict[str, str]) -> VariantChoice:
    """A variant with options as they are typed on a command line. Raises SpecError."""
    text = "".join(f"{name}: {value}\n" for name, value in options.items())
    source = Source("command line", text)
    place = Place(source, 1, 1)
    problems: list[Problem] = []
    node = parse(source, problems) if options else None
    choice = _Reader(source, problems).variant(variant, place, node)
    if problems:
        raise SpecError(problems)
    return choice


class _Reader:
    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        self.blocks: dict[str, Parameters] = {}

    # The document

    def spec(self, root: Node) -> Spec | None:
        top = self.mapping(root, "a spec")
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
            input=self.value(top.entries.get("input", root)),
            parameters=parameters,
            blocks=blocks,
            layers=self.layers(top.entries.get("layers")),
            variants=self.variants(top.entries.get("variants")),
        )

    def parameters(self, node: Node | None) -> Parameters:
        entries = self.optional_mapping(node, "parameters")
        if entries is None:
            return {}
        parameters: Parameters = {}
        for name, value in entries.entries.items():
            if not name.isidentifier() or name in _RESERVED:
                self.complain(
                    f"{name} can't be a parameter's name",
                    entries.keys[name],
                    "a name has letters, digits and underscores, and is not one of the language's",
                )
            elif isinstance(value, Scalar) and value.value == "required":
                parameters[name] = Required(value.place)
            else:
                parameters[name] = self.value(value)
        return parameters

    def read_blocks(self, node: Node | None) -> dict[str, Block]:
        """The blocks in two passes, since any block may call any other."""
        entries = self.optional_mapping(node, "blocks")
        if entries is None:
            return {}
        bodies: dict[str, Mapping] = {}
        for name, value in entries.entries.items():
            if name in names("ops") or name in _RESERVED:
                self.complain(
                    f"{name} is already the name of an op", entries.keys[name], "name it otherwise"
                )
                continue
            self.blocks[name] = {}
            body = self.mapping(value, f"the block {name}")
            if body is None:
                continue
            bodies[name] = body
            self.known_keys(body, BLOCK_KEYS, "key of a block")
            self.required_keys(body, ("layers",), f"the block {name}")
            self.blocks[name] = self.parameters(body.entries.get("parameters"))
        blocks = {
            name: Block(self.blocks[name], self.layers(body.entries.get("layers")))
            for name, body in bodies.items()
        }
        self.refuse_recursion(blocks)
        return blocks

    def refuse_recursion(self, blocks: dict[str, Block]) -> None:
        """Report every block that calls itself, be it by way of others, at the call."""
        done: set[str] = set()

        def visit(name: str, path: tuple[str, ...]) -> None:
            if name in done:
                return
            for call in _calls(blocks[name].layers):
                if call.kind in (*path, name):
                    circle = " -> ".join((*path, name, call.kind))
                    self.complain(f"a block that calls itself: {circle}", call.place)
                elif call.kind in blocks:
                    visit(call.kind, (*path, name))
            done.add(name)

        for name in blocks:
            visit(name, ())

    def variants(self, node: Node | None) -> tuple[VariantChoice, ...] | None:
        if node is None or isinstance(node, Broken):
            return None
        if isinstance(node, Sequence):
            listed = [item for item in node.items if isinstance(item, Scalar)]
            chosen = {str(item.value): (item.place, None) for item in listed}
            return tuple(self.variant(name, *rest) for name, rest in chosen.items())
        entries = self.mapping(node, "variants")
        if entries is None:
            return None
        return tuple(
            self.variant(name, entries.keys[name], value) for name, value in entries.entries.items()
        )

    def variant(self, name: str, place: Place, node: Node | None) -> VariantChoice:
        if name not in names("variants"):
            hint = did_you_mean(name, names("variants"))
            self.complain(f"no variant is called {name}", place, hint)
            return VariantChoice(name, {}, place)
        options = self.record_fields(record("variants", name), name, node, place)
        return VariantChoice(name, options, place)

    # Layers

    def layers(self, node: Node | None) -> tuple[Layer, ...]:
        if node is None or isinstance(node, Broken):
            return ()
        if not isinstance(node, Sequence):
            self.complain("expected a list of layers", node.place, "start each layer with `- `")
            return ()
        if not node.items:
            self.complain("a list of layers needs at least one", node.place)
        return tuple(
            self.layer(item) or Layer(kind=BROKEN_LAYER, place=item.place, fields={})
            for item in node.items
        )

    def layer(self, node: Node) -> Layer | None:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return self.call(node.value, node.place, None, {})
        entries = self.mapping(node, "a layer")
        if entries is None:
            return None
        kinds = [key for key in entries.entries if key not in LAYER_KEYS]
        if len(kinds) != 1:
            self.not_one_kind(entries, kinds)
            return None
        kind = kinds[0]
        return self.call(kind, entries.keys[kind], entries.entries[kind], entries.entries)

    def not_one_kind(self, entries: Mapping, kinds: list[str]) -> None:
        if not kinds:
            message = "a layer names an op, a block, or `layers`"
            self.complain(message, entries.place, "such as `- conv: {...}`")
            return
        known = [kind for kind in kinds if kind in self.kinds()]
        extra = next(kind for kind in kinds if kind not in known[:1])
        if extra in self.kinds():
            hint = "start the second one on a line of its own with `- `"
        else:
            of_layer = did_you_mean(extra, LAYER_KEYS)
            hint = f"the fields of {known[0]} go inside it; {of_layer}" if known else of_layer
        self.complain(
            f"a layer has one op or block, and {extra} is one more key", entries.keys[extra], hint
        )

    def call(
        self,
        kind: str,
        place: Place,
        node: Node | None,
        modifiers: dict[str, Node],
    ) -> Layer | None:
        read_fields: Fields = {}
        layers: tuple[Layer, ...] = ()
        if kind == "layers":
            layers = self.layers(node) if node else ()
        elif kind in self.blocks:
            read_fields = self.arguments(kind, node, place)
        elif kind in names("ops"):
            read_fields = self.record_fields(record("ops", kind), kind, node, place)
        else:
            hint = did_you_mean(kind, self.kinds())
            self.complain(f"no op or block is called {kind}", place, hint)
            return None
        return Layer(
            kind=kind,
            place=place,
            fields=read_fields,
            layers=layers,
            name=self.layer_name(modifiers.get("name")),
            repeat=self.optional_value(modifiers.get("repeat")),
            rewrite=self.optional_value(modifiers.get("rewrite")),
        )

    def kinds(self) -> list[str]:
        return [*names("ops"), *self.blocks, "layers"]

    def layer_name(self, node: Node | None) -> str | None:
        name = self.word(node)
        if name is not None and (not name or not name.replace("-", "_").isidentifier()):
            assert node is not None
            self.complain(
                f"{name} can't be a layer's name",
                node.place,
                "a name has letters, digits, underscores and dashes",
            )
            return None
        return name

    def arguments(self, block: str, node: Node | None, place: Place) -> Fields:
        entries = self.optional_mapping(node, f"the arguments of {block}")
        given = entries.entries if entries else {}
        parameters = self.blocks[block]
        if entries is not None:
            self.known_keys(entries, parameters, f"parameter of {block}")
        missing = [
            name
            for name, default in parameters.items()
            if isinstance(default, Required) and name not in given
        ]
        if missing and not isinstance(node, Broken):
            self.complain(f"{block} needs {' and '.join(missing)}", place)
        return {name: self.value(value) for name, value in given.items() if name in parameters}

    def record_fields(self, kind: type, name: str, node: Node | None, place: Place) -> Fields:
        """The fields of an op or a variant, each known and read by its type."""
        known = fields(kind)
        entries = self.optional_mapping(node, f"the fields of {name}")
        given = entries.entries if entries else {}
        if entries is not None:
            self.known_keys(entries, known, f"field of {name}")
        missing = [key for key, field in known.items() if field.required and key not in given]
        if missing and not isinstance(node, Broken):
            self.complain(f"{name} needs {' and '.join(missing)}", place)
        return {key: self.field(known[key], value) for key, value in given.items() if key in known}

    def field(self, field: Field, node: Node) -> Value | tuple[Layer, ...]:
        return self.layers(node) if field.kind == "layers" else self.value(node, field.words)

    # Values

    def value(self, node: Node, words: frozenset[str] = frozenset()) -> Value:
        if isinstance(node, Scalar):
            return Value(self.scalar(node, words), node.place)
        if isinstance(node, Sequence):
            return Value(tuple(self.value(item) for item in node.items), node.place)
        if isinstance(node, Mapping):
            self.complain("expected a number, an expression or a list, not a mapping", node.place)
        return Value(None, node.place)

    def scalar(self, node: Scalar, words: frozenset[str]) -> Any:
        value = node.value
        if value is None:
            self.complain("a value is missing", node.place)
        elif isinstance(value, str) and value not in words:
            return self.expression(value, node)
        return value

    def expression(self, text: str, node: Scalar) -> Any:
        try:
            return compile_expression(text)
        except ExpressionError as error:
            place = node.place.shifted(error.column + node.quoted)
            self.complain(error.message, place, error.hint)
            return None

    def optional_value(self, node: Node | None) -> Value | None:
        return None if node is None else self.value(node)

    def word(self, node: Node | None) -> str | None:
        """Text for people, such as a name; numbers are taken as they stand."""
        if node is None or isinstance(node, Broken):
            return None
        if isinstance(node, Scalar) and node.value is not None:
            return str(node.value)
        self.complain("expected text", node.place)
        return None

    # Mappings

    def mapping(self, node: Node, what: str) -> Mapping | None:
        if isinstance(node, Mapping):
            return node
        if not isinstance(node, Broken):
            self.complain(
                f"expected {what} with keys and values", node.place, "such as `key: value`"
            )
        return None

    def optional_mapping(self, node: Node | None, what: str) -> Mapping | None:
        if node is None or (isinstance(node, Scalar) and node.value is None):
            return None
        return self.mapping(node, what)

    def known_keys(self, entries: Mapping, known: Iterable[str], what: str) -> None:
        for key in entries.entries:
            if key not in known:
                hint = did_you_mean(key, known)
                self.complain(f"no {what} is called {key}", entries.keys[key], hint)

    def required_keys(self, entries: Mapping, required: Iterable[str], what: str) -> None:
        for key in required:
            if key not in entries.entries:
                self.complain(f"{what} needs `{key}`", entries.place)

    def complain(self, message: str, place: Place, hint: str | None = None) -> None:
        self.problems.append(Problem(message, place, hint))


def _calls(layers: Iterable[Layer]) -> Iterable[Layer]:
    """Every layer in a list, the lists inside it included."""
    for layer in layers:
        yield layer
        yield from _calls(layer.layers)
