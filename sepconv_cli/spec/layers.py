"""Nodes -> layers: ops with their fields, calls of blocks, and lists of layers."""

from collections.abc import Iterator

from sepconv_cli.errors import Place, Problem, did_you_mean
from sepconv_cli.registry import names, record
from sepconv_cli.spec.fields import Field, fields
from sepconv_cli.spec.model import BROKEN_LAYER, Fields, Layer, Parameters, Required, Value
from sepconv_cli.spec.nodes import Broken, Mapping, Node, Scalar, Sequence
from sepconv_cli.spec.values import ValueReader

LAYER_KEYS = ("name", "repeat", "rewrite")


class LayerReader(ValueReader):
    """Reads layers, given the parameters of the blocks that they may call."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.blocks: dict[str, Parameters] = {}

    def layers(self, node: Node | None) -> tuple[Layer, ...]:
        """A list of layers; one that can't be read stays in its place, broken."""
        if node is None or isinstance(node, Broken):
            return ()
        if not isinstance(node, Sequence):
            self.complain("expected a list of layers", node.place, "start each layer with `- `")
            return ()
        if not node.items:
            self.complain("a list of layers needs at least one", node.place)
        return tuple(self.layer(item) or broken_layer(item.place) for item in node.items)

    def layer(self, node: Node) -> Layer | None:
        """One entry of a list; None where it can't be read."""
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return self._call(node.value, node.place, None, {})
        entries = self.mapping(node, "a layer")
        if entries is None:
            return None
        kinds = [key for key in entries.entries if key not in LAYER_KEYS]
        if len(kinds) != 1:
            self._not_one_kind(entries, kinds)
            return None
        kind = kinds[0]
        return self._call(kind, entries.keys[kind], entries.entries[kind], entries.entries)

    def _not_one_kind(self, entries: Mapping, kinds: list[str]) -> None:
        if not kinds:
            message = "a layer names an op, a block, or `layers`"
            self.complain(message, entries.place, "such as `- conv: {...}`")
            return
        known = [kind for kind in kinds if kind in self._kinds()]
        extra = next(kind for kind in kinds if kind not in known[:1])
        if extra in self._kinds():
            hint = "start the second one on a line of its own with `- `"
        else:
            of_layer = did_you_mean(extra, LAYER_KEYS)
            hint = f"the fields of {known[0]} go inside it; {of_layer}" if known else of_layer
        self.complain(
            f"a layer has one op or block, and {extra} is one more key", entries.keys[extra], hint
        )

    def _call(
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
            read_fields = self._arguments(kind, node, place)
        elif kind in names("ops"):
            read_fields = self.record_fields(record("ops", kind), kind, node, place)
        else:
            hint = did_you_mean(kind, self._kinds())
            self.complain(f"no op or block is called {kind}", place, hint)
            return None
        return Layer(
            kind=kind,
            place=place,
            fields=read_fields,
            layers=layers,
            name=self._layer_name(modifiers.get("name")),
            repeat=self.optional_value(modifiers.get("repeat")),
            rewrite=self.optional_value(modifiers.get("rewrite")),
        )

    def _kinds(self) -> list[str]:
        return [*names("ops"), *self.blocks, "layers"]

    def _layer_name(self, node: Node | None) -> str | None:
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

    def _arguments(self, block: str, node: Node | None, place: Place) -> Fields:
        entries = self.optional_mapping(node, f"the arguments of {block}")
        given = entries.entries if entries else {}
        parameters = self.blocks[block]
        required = [name for name, value in parameters.items() if isinstance(value, Required)]
        self.keys(entries, parameters, required, block, "parameter", place)
        return {name: self.value(value) for name, value in given.items() if name in parameters}

    def record_fields(self, kind: type, name: str, node: Node | None, place: Place) -> Fields:
        """The fields of an op or a variant, each known and read by its type."""
        known = fields(kind)
        entries = self.optional_mapping(node, f"the fields of {name}")
        given = entries.entries if entries else {}
        required = [key for key, field in known.items() if field.required]
        self.keys(entries, known, required, name, "field", place)
        return {key: self._field(known[key], value) for key, value in given.items() if key in known}

    def _field(self, field: Field, node: Node) -> Value | tuple[Layer, ...]:
        return self.layers(node) if field.kind == "layers" else self.value(node, field.words)


def broken_layer(place: Place) -> Layer:
    """What stands in a list for a layer that has already been reported."""
    return Layer(kind=BROKEN_LAYER, place=place, fields={})


def calls(layers: tuple[Layer, ...]) -> Iterator[Layer]:
    """Every layer in a list, the lists inside it included."""
    for layer in layers:
        yield layer
        yield from calls(layer.layers)
