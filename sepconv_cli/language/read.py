"""Nodes -> model: what each key means, with every problem of the file at once.

Nothing is worked out here: expressions are compiled and not run, so that a mistake in
a block that nobody calls is found too. Shapes and numbers are lower.py's business.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sepconv_cli.errors import Place, Problems, Source, SpecError, did_you_mean
from sepconv_cli.language.blocks import read_blocks, read_bodies, read_parameters
from sepconv_cli.language.budgets import BudgetReader
from sepconv_cli.language.includes import Includes
from sepconv_cli.language.layers import LayerReader
from sepconv_cli.language.model import Fields, RuleChoice, Spec, Value, VariantChoice
from sepconv_cli.language.nodes import Mapping as NodeMapping
from sepconv_cli.language.nodes import Scalar, YamlNode
from sepconv_cli.language.nodes import Sequence as NodeSequence
from sepconv_cli.language.source import parse
from sepconv_cli.language.values import Use, ValueReader
from sepconv_cli.registry import names, record

TOP_KEYS = (
    "name",
    "source",
    "note",
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


def read_description(source: Source, problems: Problems, folders: Sequence[Path] = ()) -> Spec:
    """The description in a text. What can be read around is added to `problems`.

    Files are included from the spec's own folder, and from these. Raises SpecError where
    nothing can be read.
    """
    values = ValueReader(problems)
    root = parse(source, problems)
    top = values.mapping(root, "a spec as keys and values", "such as `input: [3, 224, 224]`")
    if top is None:
        raise SpecError(problems)
    values.known_keys(top, TOP_KEYS, "key")
    values.required_keys(top, ("input", "layers"), "a spec")
    includes = Includes(folders, problems)
    bodies = read_bodies(includes.files(top, source.name), values)
    layers = LayerReader(values, {name: body.parameters for name, body in bodies.items()})
    variants = VariantReader(values, layers)
    return Spec(
        source=source,
        name=values.word(top.entries.get("name")) or source.name,
        reference=values.word(top.entries.get("source")),
        note=values.word(top.entries.get("note")),
        input=values.optional_value(top.entries.get("input")) or Value(None, top.place),
        parameters=read_parameters(top.entries.get("parameters"), values),
        blocks=read_blocks(bodies, layers, problems),
        layers=layers.layers(top.entries.get("layers")),
        variants=variants.variants(top.entries.get("variants")),
        rules=variants.rules(top.entries.get("rewrite")),
        budgets=BudgetReader(problems).budgets(top.entries.get("budgets")),
        included=tuple(includes.sources),
        outputs=layers.outputs(top.entries.get("outputs")),
    )


def read_options(variant: str, options: Mapping[str, str]) -> VariantChoice:
    """A variant with options as they are typed on a command line. Raises SpecError."""
    problems = Problems()
    values = ValueReader(problems)
    variants = VariantReader(values, LayerReader(values))
    fields: Fields = {}
    for name, text in options.items():
        source = Source(f"--{name.replace('_', '-')}", text)
        place = Place(source, 1, 1)
        try:
            node = NodeMapping({name: parse(source, problems)}, {name: place}, place)
            fields |= variants.variant(variant, place, node).options
        except SpecError as error:
            problems.extend(error.problems)
    if problems:
        raise SpecError(problems)
    return VariantChoice(variant, fields, Place(Source("command line", ""), 1, 1))


class VariantReader:
    """Reads which variants a spec asks for, with their options, and its rules for rewriting."""

    def __init__(self, values: ValueReader, layers: LayerReader) -> None:
        self.values = values
        self.complain = values.complain
        self.layers = layers

    def variants(self, node: YamlNode | None) -> tuple[VariantChoice, ...] | None:
        """A list of names, or a mapping from name to options; None where nothing is written."""
        if isinstance(node, NodeSequence):
            listed: list[tuple[str | None, Place, YamlNode | None]] = [
                (self.values.word(item), item.place, None) for item in node.items
            ]
        elif (
            entries := self.values.optional_mapping(node, "variants as a list or a mapping")
        ) is not None:
            listed = [(name, entries.keys[name], value) for name, value in entries.entries.items()]
        else:
            return None
        return tuple(
            self.variant(name, place, options)
            for name, place, options in listed
            if name is not None and self._known(name, place)
        )

    def rules(self, node: YamlNode | None) -> tuple[RuleChoice, ...]:
        """A list of patterns, or a mapping from patterns to true, false or a variant."""
        if isinstance(node, NodeSequence):
            words = [(self.values.word(item), item.place) for item in node.items]
            return tuple(RuleChoice(word, None, place) for word, place in words if word)
        entries = self.values.optional_mapping(node, "rewrite as a list or a mapping of patterns")
        found: list[RuleChoice] = []
        for pattern, value in entries.entries.items() if entries else ():
            if isinstance(value, Scalar) and isinstance(value.value, bool):
                variant = None if value.value else "standard"
            else:
                variant = self.values.word(value)
                if variant is None or not self._known(variant, value.place):
                    continue
            found.append(RuleChoice(pattern, variant, value.place))
        return tuple(found)

    def _known(self, name: str, place: Place) -> bool:
        if name in names("variants"):
            return True
        hint = did_you_mean(name, names("variants"))
        self.complain(f"no variant is called {name}", place, hint)
        return False

    def variant(self, name: str, place: Place, node: YamlNode | None) -> VariantChoice:
        """One variant, with the options under its name."""
        options = self.layers.record_fields(record("variants", name), node, Use(name, place))
        return VariantChoice(name, options, place)
