"""Nodes -> layers: ops with their fields, calls of blocks, and lists of layers."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from sepconv_cli.errors import Place, did_you_mean
from sepconv_cli.language.fields import INFINITE, Field, fields, required, unwritten
from sepconv_cli.language.model import (
    BROKEN_LAYER,
    Fields,
    Layer,
    LayerName,
    LayerNames,
    Parameters,
    Required,
    Value,
)
from sepconv_cli.language.nodes import Broken, Scalar, Sequence, YamlNode
from sepconv_cli.language.nodes import Mapping as NodeMapping
from sepconv_cli.language.values import Use, ValueReader
from sepconv_cli.registry import names, record

LAYER_KEYS = ("name", "from", "when", "repeat", "rewrite", "weights")
LISTS = ("layers", "residual", "parallel")
MERGES = frozenset({"add", "multiply", "concat"})
_LAYER_HINT = "such as `- relu` or `- conv: {out_channels: 8, kernel_size: 3}`"


class LayerReader:
    """Reads layers, given the parameters of the blocks that they may call."""

    def __init__(
        self, values: ValueReader, blocks: Mapping[str, Parameters] = MappingProxyType({})
    ) -> None:
        self.values = values
        self.complain = values.complain
        self.blocks = blocks

    def layers(self, node: YamlNode | None) -> tuple[Layer, ...]:
        """A list of layers; one that can't be read stays in its place, broken."""
        if node is None or isinstance(node, Broken):
            return ()
        if not isinstance(node, Sequence):
            self.complain("expected a list of layers", node.place, "start each layer with `- `")
            return ()
        if not node.items:
            self.complain("a list of layers needs at least one", node.place)
        return tuple(
            self.layer(item) or broken_layer(item.place, _named(item)) for item in node.items
        )

    def layer(self, node: YamlNode) -> Layer | None:
        """One entry of a list; None where it can't be read."""
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return self._call(Use(node.value, node.place), None)
        entries = self.values.mapping(node, "a layer", _LAYER_HINT)
        if entries is None:
            return None
        kinds = [key for key in entries.entries if key not in LAYER_KEYS]
        if len(kinds) != 1:
            self._not_one_kind(entries, kinds)
            return None
        call = Use(kinds[0], entries.keys[kinds[0]])
        layer = self._call(call, entries.entries[call.name])
        if layer is None or len(entries.entries) == 1:
            return layer
        return self._modified(layer, entries.entries)

    def _modified(self, layer: Layer, entries: Mapping[str, YamlNode]) -> Layer:
        """The layer with what any layer may have beside its op or block."""
        return replace(
            layer,
            name=self.values.name(entries.get("name"), "layer"),
            repeat=self.values.optional_value(entries.get("repeat")),
            rewrite=self.values.optional_value(entries.get("rewrite")),
            when=self.values.optional_value(entries.get("when")),
            sources=self.names_of_layers(entries.get("from")),
            weights=self._name_of_layer(entries.get("weights")),
        )

    def _not_one_kind(self, entries: NodeMapping, kinds: list[str]) -> None:
        if not kinds:
            message = "a layer names an op, a block, or `layers`"
            self.complain(message, entries.place, _LAYER_HINT)
            return
        known = [kind for kind in kinds if kind in self._kinds()]
        extra = next(kind for kind in kinds if kind not in known[:1])
        if extra in self._kinds():
            hint = "start the second one on a line of its own with `- `"
        else:
            of_layer = did_you_mean(extra, LAYER_KEYS)
            hint = f"the fields of {known[0]} go inside it; {of_layer}" if known else of_layer
        message = f"a layer has one op or block, and {extra} is one more key"
        self.complain(message, entries.keys[extra], hint)

    def _call(self, call: Use, node: YamlNode | None) -> Layer | None:
        read_fields: Fields = {}
        lists: dict[str, Any] = {}
        if call.name in LISTS:
            read = {"layers": self._list, "residual": self._residual, "parallel": self._parallel}
            lists = read[call.name](node if node is not None else Scalar(None, call.place), call)
        elif call.name in self.blocks:
            read_fields = self._arguments(node, call)
        elif call.name in names("ops"):
            read_fields = self.record_fields(record("ops", call.name), node, call)
        else:
            hint = did_you_mean(call.name, self._kinds())
            self.complain(f"no op or block is called {call.name}", call.place, hint)
            return None
        return Layer(call.name, call.place, read_fields, **lists)

    def _kinds(self) -> list[str]:
        return [*names("ops"), *self.blocks, *LISTS]

    def names_of_layers(self, node: YamlNode | None) -> LayerNames:
        """The layers that are named: one, or a list."""
        listed = node.items if isinstance(node, Sequence) else (node,) if node else ()
        return tuple((name, item.place) for item in listed if (name := self.values.word(item)))

    def _name_of_layer(self, node: YamlNode | None) -> LayerName | None:
        """The layer that is named, where one is."""
        name = self.values.word(node)
        return None if node is None or name is None else (name, node.place)

    def outputs(self, node: YamlNode | None) -> LayerNames:
        """The layers whose outputs are the network's: one name, or a list without duplicates."""
        if isinstance(node, Sequence) and not node.items:
            self.complain("outputs needs at least one layer", node.place)
        found = self.names_of_layers(node)
        for at, (name, place) in enumerate(found):
            if any(name == earlier for earlier, _ in found[:at]):
                self.complain(f"{name} is an output twice", place, "name each layer once")
        return found

    def _list(self, node: YamlNode, call: Use) -> dict[str, Any]:
        return {"layers": self.layers(node)}

    def _residual(self, node: YamlNode, call: Use) -> dict[str, Any]:
        """`{layers: [...], shortcut: identity | matching | [...]}`, or the layers alone."""
        if isinstance(node, Sequence):
            return {"branches": (self.layers(node), ())}
        given = self.values.call(node, ("layers", "shortcut"), ("layers",), "field", call)
        shortcut = given.get("shortcut")
        matching = False
        layers: tuple[Layer, ...] = ()
        if isinstance(shortcut, Sequence):
            layers = self.layers(shortcut)
        elif shortcut is not None:
            word = self.values.value(shortcut, frozenset({"identity", "matching"}), numbers=False)
            matching = word.content == "matching"
        return {"branches": (self.layers(given.get("layers")), layers), "matching": matching}

    def _parallel(self, node: YamlNode, call: Use) -> dict[str, Any]:
        """`{branches: [[...], [...]], merge: concat | add | multiply}`."""
        given = self.values.call(node, ("branches", "merge"), ("branches", "merge"), "field", call)
        branches = given.get("branches")
        if branches is not None and not isinstance(branches, Sequence):
            self.complain("expected a list of lists of layers", branches.place)
        lists = branches.items if isinstance(branches, Sequence) else ()
        if isinstance(branches, Sequence) and len(lists) < 2:
            self.complain("parallel needs two branches or more", branches.place)
        merge = given.get("merge")
        word = self.values.value(merge, MERGES, numbers=False).content if merge else None
        return {
            "branches": tuple(self.layers(branch) for branch in lists),
            "merge": str(word or "add"),
        }

    def _arguments(self, node: YamlNode | None, call: Use) -> Fields:
        parameters = self.blocks[call.name]
        needed = [name for name, value in parameters.items() if isinstance(value, Required)]
        given = self.values.call(node, parameters, needed, "parameter", call)
        return {name: self.values.value(value) for name, value in given.items()}

    def record_fields(self, kind: type, node: YamlNode | None, call: Use) -> Fields:
        """The fields of an op or a variant, each known and read by its type."""
        if node is None and unwritten(kind, 1) is not None:
            return {}
        known = fields(kind)
        given = self.values.call(node, known, required(kind), "field", call)
        return {key: self._field(known[key], value) for key, value in given.items()}

    def _field(self, field: Field, node: YamlNode) -> Value | tuple[Layer, ...]:
        if field.kind == "layers":
            return self._plain_layers(node)
        if field.kind == "text":
            return Value(self.values.word(node), node.place)
        numbers = field.kind != "plain" or not field.words
        words = INFINITE if field.base is float else field.words
        return self.values.value(node, words, numbers)

    def _plain_layers(self, node: YamlNode) -> tuple[Layer, ...]:
        """The layers of a field, which are ops and nothing more."""
        layers = self.layers(node)
        for layer in layers:
            for key in ("repeat", "rewrite", "name", "when", "sources", "weights"):
                if getattr(layer, key):
                    self.complain(f"{key} has no meaning here", layer.place, "leave it out")
        return layers


def broken_layer(place: Place, name: str | None = None) -> Layer:
    """What stands in a list for a layer that has already been reported."""
    return Layer(kind=BROKEN_LAYER, place=place, fields={}, name=name)


def _named(node: YamlNode) -> str | None:
    """The name of a layer that can't be read, so that others may speak of it."""
    name = node.entries.get("name") if isinstance(node, NodeMapping) else None
    return name.text if isinstance(name, Scalar) else None


def calls(layers: tuple[Layer, ...]) -> Iterator[Layer]:
    """Every layer in a list, the lists inside it included."""
    for layer in layers:
        yield layer
        for inside in (layer.layers, *layer.branches):
            yield from calls(inside)
