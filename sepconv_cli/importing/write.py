"""The layers and blocks of an imported model -> a spec's text, as a person would write it.

Default values are left out; a layer takes one line where it fits.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from sepconv_cli.importing.lines import BlockLines, ItemLine, Parameter, SpecData, field_data
from sepconv_cli.importing.steps import Recorded
from sepconv_cli.language.fields import fields
from sepconv_cli.registry import names, record

INDENT = "  "

_NUMBERED = r"(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]*|[A-Za-z_]\w*))*"
_PLAIN = re.compile(rf"[A-Za-z_][A-Za-z0-9_.' /-]*|{_NUMBERED}", re.ASCII)
_NO_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def spec_text(
    recorded: Recorded,
    blocks: Sequence[BlockLines],
    layers: Sequence[ItemLine],
    about: Sequence[str] = (),
) -> str:
    """The whole spec; `about` are lines of comment that stand first."""
    shape = [recorded.input.channels, *recorded.input.size]
    writer = _Writer(blocks)
    return "\n".join(
        [
            *(f"# {_printable(line)}" for line in about),
            f"name: {_word(recorded.name)}",
            f"input: {_flow(shape)}",
            *writer.blocks(),
            "layers:",
            *writer.layers(layers or (ItemLine("identity"),), INDENT),
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
            yield f"{INDENT}{block.name}:"
            if block.parameters:
                shown = {
                    parameter: "required" if default is None else default
                    for parameter, default in block.parameters.items()
                }
                yield f"{INDENT * 2}parameters: {_flow(shown)}"
            yield f"{INDENT * 2}layers:"
            yield from self.layers(block.layers, INDENT * 3)

    def layers(self, layers: Sequence[ItemLine], pad: str) -> Iterator[str]:
        for line in layers:
            yield from self._layer(line, pad)

    def _layer(self, line: ItemLine, pad: str) -> Iterator[str]:
        if not line.lists:
            yield f"{pad}- {_flow(self._short(line))}"
            return
        yield from self._nested(line, pad)

    def _short(self, line: ItemLine) -> SpecData:
        given = self._given(line)
        modifiers = {
            **({"name": line.name} if line.name else {}),
            **({"repeat": line.repeat} if line.repeat > 1 else {}),
            **({"from": _sources(line)} if line.reads else {}),
        }
        if not modifiers:
            return {line.kind: given} if given else line.kind
        return {line.kind: given or None, **modifiers}

    def _given(self, line: ItemLine) -> dict[str, SpecData]:
        """The fields that aren't at their defaults."""
        block = self._blocks.get(line.kind)
        if block:
            defaults = block.parameters
            return {name: value for name, value in line.fields.items() if value != defaults[name]}
        if line.kind not in names("ops"):
            return dict(line.fields)
        kind: type = record("ops", line.kind)
        known = fields(kind)
        return {
            name: value
            for name, value in line.fields.items()
            if known[name].required or value != field_data(known[name], known[name].default)
        }

    def _nested(self, line: ItemLine, pad: str) -> Iterator[str]:
        lead = f"{pad}- "
        if line.name:
            yield f"{lead}name: {_word(line.name)}"
            lead = f"{pad}  "
        if line.reads:
            yield f"{lead}from: {_flow(_sources(line))}"
            lead = f"{pad}  "
        yield f"{lead}{line.kind}:"
        inner = pad + INDENT * 2
        if line.kind == "layers" or (line.kind == "residual" and not line.lists[1]):
            yield from self.layers(line.lists[0], inner)
        elif line.kind == "residual":
            for key, part in zip(("layers", "shortcut"), line.lists, strict=True):
                yield f"{inner}{key}:"
                yield from self.layers(part, inner + INDENT)
        else:
            yield f"{inner}merge: {line.merge}"
            yield f"{inner}branches:"
            for part in line.lists:
                rows = list(self.layers(part, inner + INDENT * 2)) or [
                    f"{inner}{INDENT}  - identity"
                ]
                yield f"{inner}{INDENT}- {rows[0].strip()}"
                yield from rows[1:]


def _sources(line: ItemLine) -> SpecData:
    return line.reads[0] if len(line.reads) == 1 else list(line.reads)


def _flow(data: SpecData) -> str:
    if isinstance(data, Parameter):
        return data.name
    if isinstance(data, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(value)}" for key, value in data.items()) + "}"
    if isinstance(data, (list, tuple)):
        return "[" + ", ".join(_flow(item) for item in data) + "]"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, Fraction):
        return str(data)
    if isinstance(data, str):
        return _word(data)
    return "" if data is None else str(data)


def _word(text: str) -> str:
    """Text in quotes where YAML would take it for something else."""
    text = _printable(text)
    plain = _PLAIN.fullmatch(text) and text == text.strip() and text.lower() not in _NO_TEXT
    return text if plain else json.dumps(text, ensure_ascii=False)


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)
