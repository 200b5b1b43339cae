"""The layers and blocks of an imported model -> a spec's text, as a person would write it.

Default values are left out; a layer takes one line where it fits.
"""

from collections.abc import Iterator, Mapping, Sequence

from sepconv_cli.importing.steps import Recorded
from sepconv_cli.importing.text.lines import MATCHING, BlockLines, ItemLine, SpecData, field_data
from sepconv_cli.importing.text.yaml_text import WIDTH, comment, flow, words, wrapped
from sepconv_cli.language.fields import fields
from sepconv_cli.registry import record

INDENT = "  "
MAX_IN_A_LINE = 3
"""How many layers may stand in one line."""


def spec_text(
    recorded: Recorded,
    blocks: Sequence[BlockLines],
    layers: Sequence[ItemLine],
    outputs: Sequence[str] = (),
    about: Sequence[str] = (),
    note: str | None = None,
) -> str:
    """The whole spec; `about` are lines of comment that stand first, `note` is its own.

    `outputs` name the layers whose outputs are the network's, none meaning the last one.
    """
    shape = [recorded.input.channels, *recorded.input.size]
    writer = _Writer(blocks)
    return "\n".join(
        [
            *map(comment, about),
            f"name: {words(recorded.name)}",
            *([f"note: {words(note)}"] if note else []),
            f"input: {flow(shape)}",
            *writer.blocks(),
            *writer.layers("layers:", layers, ""),
            *(wrapped("outputs: ", list(outputs)) if outputs else ()),
            "",
        ]
    )


class _Writer:
    def __init__(self, blocks: Sequence[BlockLines]) -> None:
        self._blocks = {block.name: block for block in blocks}

    def blocks(self) -> Iterator[str]:
        if self._blocks:
            yield "blocks:"
        for block in self._blocks.values():
            yield f"{INDENT}{words(block.name)}:"
            if block.parameters:
                shown = {
                    parameter: "required" if default is None else default
                    for parameter, default in block.parameters.items()
                }
                yield from wrapped(f"{INDENT * 2}parameters: ", shown)
            yield from self.layers(f"{INDENT * 2}layers:", block.layers, INDENT * 2)

    def layers(self, lead: str, layers: Sequence[ItemLine], pad: str) -> Iterator[str]:
        """A list of layers after the key that leads to it, which stands at `pad`."""
        short = self._list(layers, f"{lead} ")
        if short is not None:
            yield short
            return
        yield lead
        for line in layers:
            yield from self._layer(line, pad + INDENT)

    def _list(self, layers: Sequence[ItemLine], lead: str) -> str | None:
        """Few layers in one line, where they fit."""
        if len(layers) > MAX_IN_A_LINE or any(line.lists for line in layers):
            return None
        text = f"{lead}{flow([self._short(line) for line in layers])}"
        return text if len(text) <= WIDTH else None

    def _layer(self, line: ItemLine, pad: str) -> Iterator[str]:
        lead = f"{pad}- "
        if line.lists:
            yield from self._nested(line, lead)
            return
        data = self._short(line)
        if isinstance(data, str):
            yield f"{lead}{words(data)}"
        elif len(data) == 1 or len(f"{lead}{line.kind}: {flow(data[line.kind])}") <= WIDTH < len(
            f"{lead}{flow(data)}"
        ):
            yield from _entries(lead, data)
        else:
            yield from wrapped(lead, data)

    def _short(self, line: ItemLine) -> SpecData:
        """A layer without lists, as data."""
        given, modifiers = self._given(line), _modifiers(line)
        if not modifiers:
            return {line.kind: given} if given else line.kind
        return {line.kind: given or None, **modifiers}

    def _given(self, line: ItemLine) -> dict[str, SpecData]:
        """The fields that aren't at their defaults."""
        block = self._blocks.get(line.kind)
        if block:
            defaults = block.parameters
            return {
                name: value
                for name, value in line.fields.items()
                if value is not None and value != defaults[name]
            }
        kind: type = record("ops", line.kind)
        known = fields(kind)
        return {
            name: value
            for name, value in line.fields.items()
            if known[name].required or value != field_data(known[name], known[name].default)
        }

    def _nested(self, line: ItemLine, lead: str) -> Iterator[str]:
        if line.kind == "layers":
            modifiers = flow(_modifiers(line))[1:-1]
            brace = f"{lead}{{{modifiers}, layers: " if modifiers else f"{lead}layers: "
            short = self._list(line.lists[0], brace)
            if short is not None and len(short) + bool(modifiers) <= WIDTH:
                yield f"{short}}}" if modifiers else short
                return
        for key, value in _modifiers(line).items():
            yield from _entries(lead, {key: value})
            lead = " " * len(lead)
        pad = " " * len(lead)
        is_plain = line.kind == "residual" and not line.lists[1] and not line.merge
        if line.kind == "layers" or is_plain:
            yield from self.layers(f"{lead}{line.kind}:", line.lists[0], pad)
            return
        yield f"{lead}{line.kind}:"
        inner = pad + INDENT
        if line.merge == MATCHING:
            yield f"{inner}shortcut: {MATCHING}"
            yield from self.layers(f"{inner}layers:", line.lists[0], inner)
            return
        if line.kind == "residual":
            for key, part in zip(("layers", "shortcut"), line.lists, strict=True):
                yield from self.layers(f"{inner}{key}:", part, inner)
            return
        yield f"{inner}merge: {line.merge}"
        yield f"{inner}branches:"
        for part in line.lists:
            yield from self._branch(part or (ItemLine("identity"),), f"{inner}{INDENT}- ")

    def _branch(self, part: Sequence[ItemLine], lead: str) -> Iterator[str]:
        short = self._list(part, lead)
        if short is not None:
            yield short
            return
        pad = " " * len(lead)
        first, *rest = (row for line in part for row in self._layer(line, pad))
        yield lead + first.removeprefix(pad)
        yield from rest


def _modifiers(line: ItemLine) -> dict[str, SpecData]:
    """What any layer may say beside its op or block."""
    said: dict[str, SpecData] = {}
    if line.name:
        said["name"] = line.name
    if line.repeat != 1:
        said["repeat"] = line.repeat
    if line.when is not None:
        said["when"] = line.when
    if line.reads:
        said["from"] = line.reads[0] if len(line.reads) == 1 else list(line.reads)
    if line.weights is not None:
        said["weights"] = line.weights
    return said


def _entries(lead: str, data: Mapping[str, SpecData]) -> Iterator[str]:
    """The keys of a mapping with their values, each from a line of its own."""
    for key, value in data.items():
        if value is None:
            yield f"{lead}{words(key)}:"
        else:
            yield from wrapped(f"{lead}{words(key)}: ", value)
        lead = " " * len(lead)
