"""PyYAML's nodes -> ours, with line and column, refusing what YAML would let slip through.

YAML 1.1 keeps the last of two equal keys, ends an expression at its comma, and lets
aliases grow without bound. Here each of these is a problem with a place. Its words are
scalars.py's, and what the nodes mean is read.py's business.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import msgspec
import yaml

from sepconv_cli.errors import Place, Problem, Problems, Source, SpecError, show
from sepconv_cli.language.scalars import SCALARS, Misread

MAX_DEPTH = 60
MAX_NODES = 100_000

_QUOTES = ("'", '"')
_TAG = "tag:yaml.org,2002:"
_STRING = _TAG + "str"


class Scalar(msgspec.Struct, frozen=True):
    """A string, number or boolean; None where nothing is written.

    `text` is what is written. `offset` is how far from the place it starts: after a quote,
    or None where the text isn't written as it reads, as in a block of lines.
    """

    value: str | int | Fraction | bool | None
    place: Place
    text: str = ""
    offset: int | None = 0


class Sequence(msgspec.Struct, frozen=True):
    """A list."""

    items: tuple["YamlNode", ...]
    place: Place


class Mapping(msgspec.Struct, frozen=True):
    """Keys and values in the order of the file; `keys` holds where each key stands."""

    entries: dict[str, "YamlNode"]
    keys: dict[str, Place]
    place: Place


class Broken(msgspec.Struct, frozen=True):
    """What stands where a problem has already been reported."""

    place: Place


YamlNode = Scalar | Sequence | Mapping | Broken


def node_of(value: Any, place: Place) -> YamlNode:
    """Python's data as nodes that all stand in one place: what no YAML text was parsed for."""
    if isinstance(value, dict):
        entries = {str(key): node_of(item, place) for key, item in value.items()}
        return Mapping(entries, dict.fromkeys(entries, place), place)
    if isinstance(value, (list, tuple)):
        return Sequence(tuple(node_of(item, place) for item in value), place)
    exact = Fraction(str(value)) if isinstance(value, float) else value
    known = exact if isinstance(exact, (str, int, Fraction, bool)) else str(exact)
    return Scalar(known, place, show(known))


class Converter:
    """PyYAML's nodes to ours, bounded in number and depth, aliases written out."""

    def __init__(self, source: Source, problems: Problems) -> None:
        self.source = source
        self.problems = problems
        self.complain = problems.complain
        self.left = MAX_NODES

    def node(self, node: yaml.Node, depth: int) -> YamlNode:
        """The node and all below it. Raises SpecError where there are too many or too deep."""
        mark = node.start_mark
        place = Place(self.source, mark.line + 1, mark.column + 1)
        self.left -= 1
        if self.left < 0:
            message = f"more than {MAX_NODES:,} values, with every alias written out"
            raise SpecError([*self.problems, Problem(message, place)])
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, place)
        if depth == MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise SpecError([*self.problems, Problem(message, place)])
        if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
            return self._sequence(node, place, depth)
        if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
            return self._mapping(node, place, depth)
        return self._tag(node, place)

    def _sequence(self, node: yaml.SequenceNode, place: Place, depth: int) -> YamlNode:
        items: list[YamlNode] = []
        rest = iter(node.value)
        for item in rest:
            if node.flow_style and _open(item):
                pieces = [item.value, *_until_closed(item.value, (part.value for part in rest))]
                items.append(self._comma(item, pieces))
            else:
                items.append(self.node(item, depth + 1))
        return Sequence(tuple(items), place)

    def _mapping(self, node: yaml.MappingNode, place: Place, depth: int) -> YamlNode:
        entries: dict[str, YamlNode] = {}
        keys: dict[str, Place] = {}
        rest = iter(node.value)
        for key_node, value_node in rest:
            key = self._key(key_node, entries, keys, depth)
            if key is None:
                continue
            if node.flow_style and _open(value_node):
                names = (part.value for part, value in rest if not value.value)
                pieces = [value_node.value, *_until_closed(value_node.value, names)]
                entries[key] = self._comma(value_node, pieces)
            else:
                entries[key] = self.node(value_node, depth + 1)
        return Mapping(entries, keys, place)

    def _key(
        self, node: yaml.Node, entries: dict[str, YamlNode], keys: dict[str, Place], depth: int
    ) -> str | None:
        """The key, entered with its place; None for one that can't be a key here."""
        if isinstance(node, yaml.ScalarNode) and node.tag == _STRING and self.left > 0:
            # The same as below, for what nearly every key is.
            self.left -= 1
            if node.value not in entries:
                mark = node.start_mark
                keys[node.value] = Place(self.source, mark.line + 1, mark.column + 1)
                return str(node.value)
        key = self.node(node, depth + 1)
        if isinstance(key, Broken):
            return None
        if not isinstance(key, Scalar) or not isinstance(key.value, str):
            hint = f'quote it: "{key.text}"' if isinstance(key, Scalar) and key.text else None
            self.complain("a key is a name", key.place, hint)
            return None
        if key.value in entries:
            hint = f"the first is on line {keys[key.value].line}"
            self.complain(f"{key.value} is written twice", key.place, hint)
            return None
        keys[key.value] = key.place
        return key.value

    def _comma(self, node: yaml.Node, pieces: list[str]) -> Broken:
        """A comma inside an expression ended the value: point at the comma, once."""
        mark = node.end_mark
        place = Place(self.source, mark.line + 1, mark.column + 1)
        return self._broken("this comma ends the value", place, f'quote it: "{", ".join(pieces)}"')

    def _scalar(self, node: yaml.ScalarNode, place: Place) -> YamlNode:
        text = node.value
        if node.tag == _STRING:
            return Scalar(text, place, text, _offset(node))
        try:
            value = SCALARS[node.tag.removeprefix(_TAG)](text)
        except KeyError:
            return self._tag(node, place)
        except Misread as trap:
            return self._broken(trap.message, place, trap.hint)
        return Scalar(value, place, text)

    def _tag(self, node: yaml.Node, place: Place) -> Broken:
        tag = node.tag.removeprefix(_TAG)
        return self._broken(f"tags such as {tag} are not read", place, "leave it out")

    def _broken(self, message: str, place: Place, hint: str | None = None) -> Broken:
        self.complain(message, place, hint)
        return Broken(place)


def _open(node: yaml.Node) -> bool:
    """Whether a plain value has more opening than closing brackets."""
    if not isinstance(node, yaml.ScalarNode) or "(" not in node.value or node.style in _QUOTES:
        return False
    return bool(node.value.count("(") > node.value.count(")"))


def _until_closed(first: str, rest: Iterable[object]) -> list[str]:
    """The pieces that follow an open bracket, up to the one that closes it."""
    depth = first.count("(") - first.count(")")
    pieces: list[str] = []
    for piece in rest:
        pieces.append(str(piece))
        depth += pieces[-1].count("(") - pieces[-1].count(")")
        if depth <= 0:
            break
    return pieces


def _offset(node: yaml.ScalarNode) -> int | None:
    """Where a string's text starts after its place, if it is written as it reads."""
    quoted = node.style in _QUOTES
    start, end = node.start_mark, node.end_mark
    if start.line != end.line or end.column - start.column != len(node.value) + 2 * quoted:
        return None
    return int(quoted)
