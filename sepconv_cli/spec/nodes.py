"""PyYAML's nodes -> ours, with line and column, refusing what YAML would let slip through.

YAML 1.1 reads `no` as false, `010` as 8 and `1:30` as 90, keeps the last of two
equal keys, and lets aliases grow without bound. Here each of these is a problem with
a place. What the nodes mean is read.py's business.
"""

from fractions import Fraction

import msgspec
import yaml

from sepconv_cli.errors import Place, Problem, Source, SpecError

MAX_DEPTH = 60
MAX_NODES = 200_000
MAX_DIGITS = 40

_QUOTES = ("'", '"')
_TAG = "tag:yaml.org,2002:"


class Scalar(msgspec.Struct, frozen=True):
    """A string, number or boolean; None where nothing is written."""

    value: str | int | Fraction | bool | None
    place: Place
    quoted: bool = False


class Sequence(msgspec.Struct, frozen=True):
    """A list."""

    items: tuple["Node", ...]
    place: Place


class Mapping(msgspec.Struct, frozen=True):
    """Keys and values in the order of the file; `keys` holds where each key stands."""

    entries: dict[str, "Node"]
    keys: dict[str, Place]
    place: Place


class Broken(msgspec.Struct, frozen=True):
    """What stands where a problem has already been reported."""

    place: Place


Node = Scalar | Sequence | Mapping | Broken


class Converter:
    """PyYAML's nodes to ours, bounded in number and depth, aliases written out."""

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        self.left = MAX_NODES

    def node(self, node: yaml.Node, depth: int) -> Node:
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
            message = f"nested deeper than {MAX_DEPTH} levels, with every alias written out"
            raise SpecError([*self.problems, Problem(message, place)])
        if isinstance(node, yaml.SequenceNode):
            if node.tag != _TAG + "seq":
                return self._broken_tag(node, place)
            return Sequence(tuple([self.node(item, depth + 1) for item in node.value]), place)
        if not isinstance(node, yaml.MappingNode) or node.tag != _TAG + "map":
            return self._broken_tag(node, place)
        return self._mapping(node, place, depth)

    def _mapping(self, node: yaml.MappingNode, place: Place, depth: int) -> Node:
        entries: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        split: str | None = None
        for key_node, value_node in node.value:
            key = self.node(key_node, depth + 1)
            if isinstance(key, Broken):
                continue
            if not isinstance(key, Scalar) or not isinstance(key.value, str):
                self._complain("a key is a name", key.place, self._key_hint(key))
                continue
            if node.flow_style and split and not value_node.value:
                self._comma(entries, split, key.value)
                continue
            if key.value in entries:
                first = keys[key.value].line
                self._complain(
                    f"{key.value} is written twice", key.place, f"the first is on line {first}"
                )
                continue
            entries[key.value] = self.node(value_node, depth + 1)
            keys[key.value] = key.place
            split = key.value if _open(value_node) else None
        return Mapping(entries, keys, place)

    def _comma(self, entries: dict[str, Node], key: str, rest: str) -> None:
        """A comma inside an expression ended the value: point at it once."""
        value = entries[key]
        if isinstance(value, Scalar):
            whole = f"{value.value}, {rest}"
            self._complain(
                "the comma ends the value here", value.place, f'quote it: {key}: "{whole}"'
            )
            entries[key] = Broken(value.place)

    def _key_hint(self, key: Node) -> str | None:
        if isinstance(key, Scalar) and key.value is not None:
            return f'quote it: "{key.value}"'
        return None

    def _scalar(self, node: yaml.ScalarNode, place: Place) -> Node:
        tag, text = node.tag, node.value
        if tag == _TAG + "str":
            return Scalar(text, place, node.style in _QUOTES)
        if tag == _TAG + "int":
            return self._integer(text, place)
        if tag == _TAG + "float":
            return self._decimal(text, place)
        if tag == _TAG + "bool":
            return self._boolean(text, place)
        if tag == _TAG + "null":
            return Scalar(None, place)
        if tag == _TAG + "timestamp":
            return Scalar(text, place)
        if tag == _TAG + "merge":
            return self._broken("merge keys are not read", place, "use a block with parameters")
        return self._broken_tag(node, place)

    def _integer(self, text: str, place: Place) -> Node:
        digits = text.lstrip("+-").replace("_", "")
        if ":" in text:
            return self._broken(
                f"YAML reads {text} as a number in base 60", place, f'quote it: "{text}"'
            )
        if not digits.isdigit() or (len(digits) > 1 and digits[0] == "0"):
            plain = digits.lstrip("0") or "0"
            hint = f"write {plain}" if plain.isdigit() else "write it with decimal digits"
            kind = "octal" if digits.isdigit() else "hexadecimal or binary"
            return self._broken(f"YAML reads {text} as {kind}", place, hint)
        if len(digits) > MAX_DIGITS:
            return self._broken(f"a number of more than {MAX_DIGITS} digits", place)
        return Scalar(int(text), place)

    def _decimal(self, text: str, place: Place) -> Node:
        try:
            if len(text) > MAX_DIGITS or len(text.lower().partition("e")[2]) > 3:
                return self._broken("a number of too many digits", place)
            value = Fraction(text)
        except ValueError:
            base = "as a number in base 60" if ":" in text else "not as a finite number"
            return self._broken(f"YAML reads {text} {base}", place, f'quote it: "{text}"')
        return Scalar(int(value) if value.denominator == 1 else value, place)

    def _boolean(self, text: str, place: Place) -> Node:
        lower = text.lower()
        if lower in ("true", "false"):
            return Scalar(lower == "true", place)
        meant = "true" if lower in ("yes", "on") else "false"
        return self._broken(
            f"YAML reads {text} as a boolean", place, f'write {meant}, or quote it: "{text}"'
        )

    def _broken_tag(self, node: yaml.Node, place: Place) -> Broken:
        return self._broken(
            f"tags such as {node.tag.removeprefix(_TAG)} are not read", place, "leave it out"
        )

    def _broken(self, message: str, place: Place, hint: str | None = None) -> Broken:
        self._complain(message, place, hint)
        return Broken(place)

    def _complain(self, message: str, place: Place, hint: str | None = None) -> None:
        self.problems.append(Problem(message, place, hint))


def _open(node: yaml.Node) -> bool:
    """Whether a plain value has more opening than closing brackets."""
    if not isinstance(node, yaml.ScalarNode) or node.style in _QUOTES:
        return False
    return bool(node.value.count("(") > node.value.count(")"))
