"""Nodes -> model: what each key means, with every problem of the file at once.

Nothing is worked out here: expressions are compiled and not run, so that a mistake in
a block that nobody calls is found too. Shapes and numbers are lower.py's business.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sepconv_cli.errors import Place, Problem, Source, SpecError, did_you_mean
from sepconv_cli.language.blocks import BlockReader
from sepconv_cli.language.budgets import BudgetReader
from sepconv_cli.language.model import (
    Fields,
    LayerNames,
    RuleChoice,
    Spec,
    Value,
    VariantChoice,
)
from sepconv_cli.language.nodes import Mapping as NodeMapping
from sepconv_cli.language.nodes import Node, Scalar
from sepconv_cli.language.nodes import Sequence as NodeSequence
from sepconv_cli.language.source import parse
from sepconv_cli.language.values import Call
from sepconv_cli.registry import names, record

TOP_KEYS = (
    "name",
    "source",
    "input",
    "parameters",
    "blocks",
    "layers",
    "outputs",
    "variants",
    "rewrite",
    "include",
    "budgets",
)


def read(source: Source, problems: list[Problem], folders: Sequence[Path] = ()) -> Spec:
    """The description in a text. What can be read around is added to `problems`.

    Files are included from the spec's own folder, and from these. Raises SpecError where
    nothing can be read.
    """
    root = parse(source, problems)
    spec = _Reader(source, problems, folders).spec(root)
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


class _Reader(BlockReader):
    def __init__(
        self, source: Source, problems: list[Problem], folders: Sequence[Path] = ()
    ) -> None:
        super().__init__(problems, folders)
        self.source = source

    def spec(self, root: Node) -> Spec | None:
        top = self.mapping(root, "a spec as keys and values", "such as `input: [3, 224, 224]`")
        if top is None:
            return None
        self.known_keys(top, TOP_KEYS, "key")
        self.required_keys(top, ("input", "layers"), "a spec")
        parameters = self.parameters(top.entries.get("parameters"))
        blocks = self.read_blocks(top, self.source.name)
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
            budgets=BudgetReader(self.problems).budgets(top.entries.get("budgets")),
            included=tuple(self.included),
            outputs=self.outputs(top.entries.get("outputs")),
        )

    def outputs(self, node: Node | None) -> LayerNames:
        """The layers whose outputs are the network's: one name, or a list without duplicates."""
        if isinstance(node, NodeSequence) and not node.items:
            self.complain("outputs needs at least one layer", node.place)
        found = self.names_of_layers(node)
        for at, (name, place) in enumerate(found):
            if any(name == earlier for earlier, _ in found[:at]):
                self.complain(f"{name} is an output twice", place, "name each layer once")
        return found

    def variants(self, node: Node | None) -> tuple[VariantChoice, ...] | None:
        """A list of names, or a mapping from name to options; None where nothing is written."""
        if isinstance(node, NodeSequence):
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
        if isinstance(node, NodeSequence):
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
