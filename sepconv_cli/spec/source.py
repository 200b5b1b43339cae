"""Text -> nodes with line and column, refusing what YAML would let slip through.

YAML 1.1 reads `no` as false, `010` as 8 and `1:30` as 90, keeps the last of two
equal keys, and lets aliases grow without bound. Here each of these is a problem with
a place. What the nodes mean is read.py's business.
"""

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import yaml

from sepconv_cli.errors import Place, Problem, Source, SpecError

MAX_BYTES = 16 * 2**20
MAX_DEPTH = 60
MAX_NODES = 200_000
MAX_DIGITS = 40

# Composing recurses in C, so depth is bounded before it. Below this sum of bounds
# no scan is needed, and the stack is far from its end.
_SAFE_DEPTH = 1000

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
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


def read_source(path: str) -> Source:
    """The text of a file, or of standard input for `-`. Raises SpecError where it can't be read."""
    name = "<stdin>" if path == "-" else path
    try:
        if path == "-":
            raw = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise SpecError([_unreadable(name, error)]) from error
    return decode(raw, name)


def decode(raw: bytes, name: str) -> Source:
    """Bytes as UTF-8 text. Raises SpecError for what is empty, binary or too large."""

    def refuse(message: str, hint: str | None = None) -> SpecError:
        return SpecError([Problem(f"{name}: {message}", hint=hint)])

    if len(raw) > MAX_BYTES:
        raise refuse(f"larger than {MAX_BYTES // 2**20} MiB, which no spec should be")
    if b"\0" in raw:
        raise refuse("a binary file, not a YAML spec")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse(f"not UTF-8 text (byte {error.start + 1})") from error
    if not text.strip():
        raise refuse("empty", hint="a spec needs at least `input` and `layers`")
    return Source(name, text)


def parse(source: Source, problems: list[Problem]) -> Node:
    """The document as nodes. What can be read around is added to `problems`.

    Raises SpecError where the text isn't one YAML document.
    """
    _bound_depth(source)
    try:
        root = yaml.compose(source.text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise SpecError([_syntax_problem(source, error)]) from error
    if root is None:
        raise SpecError([Problem(f"{source.name}: empty", hint="it holds only comments")])
    return _Converter(source, problems).node(root, 0)


def _unreadable(name: str, error: OSError | ValueError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return Problem(f"{name}: no such file")
    if isinstance(error, IsADirectoryError):
        return Problem(f"{name}: a directory, not a spec", hint=f"name a file: {name}/*.yaml")
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return Problem(f"{name}: can't be read: {reason}")


def _bound_depth(source: Source) -> None:
    """Refuse deep nesting, at the price of a few searches where a text can't be deep."""
    text = source.text
    brackets = text.count("[") + text.count("{")
    longest = max(map(len, text.splitlines()))
    # A block opens at most two collections a column: a list may stand at its key's indent.
    if brackets + 2 * longest <= _SAFE_DEPTH:
        return
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    place = _place(source, event.start_mark)
                    raise SpecError([Problem(f"nested deeper than {MAX_DEPTH} levels", place)])
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError as error:
        raise SpecError([_syntax_problem(source, error)]) from error


def _place(source: Source, mark: Any) -> Place:
    return Place(source, mark.line + 1, mark.column + 1)


def _syntax_problem(source: Source, error: yaml.YAMLError) -> Problem:
    if isinstance(error, yaml.reader.ReaderError):
        before = source.text[: error.position]
        column = error.position - before.rfind("\n")
        place = Place(source, before.count("\n") + 1, column)
        return Problem("a control character, which YAML doesn't allow", place)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    message = getattr(error, "problem", None) or "not YAML"
    hint = getattr(error, "context", None)
    if "cannot start any token" in message and "\\t" in message:
        message, hint = "a tab, where YAML wants spaces", "indent with spaces"
    elif "single document" in (hint or ""):
        message, hint = "a second document starts here", "one file holds one spec"
    return Problem(message, _place(source, mark) if mark else None, hint)


class _Converter:
    """PyYAML's nodes to ours, bounded in number and depth, aliases written out."""

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        self.left = MAX_NODES

    def node(self, node: yaml.Node, depth: int) -> Node:
        mark = node.start_mark
        place = Place(self.source, mark.line + 1, mark.column + 1)
        self.left -= 1
        if self.left < 0:
            message = f"more than {MAX_NODES:,} values, with every alias written out"
            raise SpecError([*self.problems, Problem(message, place)])
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, place)
        if depth == MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels, with every alias written out"
            raise SpecError([*self.problems, Problem(message, place)])
        if isinstance(node, yaml.SequenceNode):
            if node.tag != _TAG + "seq":
                return self.broken_tag(node, place)
            return Sequence(tuple([self.node(item, depth + 1) for item in node.value]), place)
        if not isinstance(node, yaml.MappingNode) or node.tag != _TAG + "map":
            return self.broken_tag(node, place)
        return self.mapping(node, place, depth)

    def mapping(self, node: yaml.MappingNode, place: Place, depth: int) -> Node:
        entries: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        split: str | None = None
        for key_node, value_node in node.value:
            key = self.node(key_node, depth + 1)
            if isinstance(key, Broken):
                continue
            if not isinstance(key, Scalar) or not isinstance(key.value, str):
                self.complain("a key is a name", key.place, self.key_hint(key))
                continue
            if node.flow_style and split and not value_node.value:
                self.comma(entries, split, key.value)
                continue
            if key.value in entries:
                first = keys[key.value].line
                self.complain(
                    f"{key.value} is written twice", key.place, f"the first is on line {first}"
                )
                continue
            entries[key.value] = self.node(value_node, depth + 1)
            keys[key.value] = key.place
            split = key.value if _open(value_node) else None
        return Mapping(entries, keys, place)

    def comma(self, entries: dict[str, Node], key: str, rest: str) -> None:
        """A comma inside an expression ended the value: point at it once."""
        value = entries[key]
        if isinstance(value, Scalar):
            whole = f"{value.value}, {rest}"
            self.complain(
                "the comma ends the value here", value.place, f'quote it: {key}: "{whole}"'
            )
            entries[key] = Broken(value.place)

    def key_hint(self, key: Node) -> str | None:
        if isinstance(key, Scalar) and key.value is not None:
            return f'quote it: "{key.value}"'
        return None

    def scalar(self, node: yaml.ScalarNode, place: Place) -> Node:
        tag, text = node.tag, node.value
        if tag == "tag:yaml.org,2002:str":
            return Scalar(text, place, node.style is not None)
        if tag == "tag:yaml.org,2002:int":
            return self.integer(text, place)
        if tag == "tag:yaml.org,2002:float":
            return self.decimal(text, place)
        if tag == "tag:yaml.org,2002:bool":
            return self.boolean(text, place)
        if tag == "tag:yaml.org,2002:null":
            return Scalar(None, place)
        if tag == "tag:yaml.org,2002:timestamp":
            return Scalar(text, place)
        if tag == "tag:yaml.org,2002:merge":
            return self.broken("merge keys are not read", place, "use a block with parameters")
        return self.broken_tag(node, place)

    def integer(self, text: str, place: Place) -> Node:
        digits = text.lstrip("+-").replace("_", "")
        if ":" in text:
            return self.broken(
                f"YAML reads {text} as a number in base 60", place, f'quote it: "{text}"'
            )
        if not digits.isdigit() or (len(digits) > 1 and digits[0] == "0"):
            plain = digits.lstrip("0") or "0"
            hint = f"write {plain}" if plain.isdigit() else "write it with decimal digits"
            kind = "octal" if digits.isdigit() else "hexadecimal or binary"
            return self.broken(f"YAML reads {text} as {kind}", place, hint)
        if len(digits) > MAX_DIGITS:
            return self.broken(f"a number of more than {MAX_DIGITS} digits", place)
        return Scalar(int(text), place)

    def decimal(self, text: str, place: Place) -> Node:
        try:
            if len(text) > MAX_DIGITS or len(text.lower().partition("e")[2]) > 3:
                return self.broken("a number of too many digits", place)
            value = Fraction(text)
        except ValueError:
            base = "as a number in base 60" if ":" in text else "not as a finite number"
            return self.broken(f"YAML reads {text} {base}", place, f'quote it: "{text}"')
        return Scalar(int(value) if value.denominator == 1 else value, place)

    def boolean(self, text: str, place: Place) -> Node:
        lower = text.lower()
        if lower in ("true", "false"):
            return Scalar(lower == "true", place)
        meant = "true" if lower in ("yes", "on") else "false"
        return self.broken(
            f"YAML reads {text} as a boolean", place, f'write {meant}, or quote it: "{text}"'
        )

    def broken_tag(self, node: yaml.Node, place: Place) -> Broken:
        return self.broken(
            f"tags such as {node.tag.removeprefix(_TAG)} are not read", place, "leave it out"
        )

    def broken(self, message: str, place: Place, hint: str | None = None) -> Broken:
        self.complain(message, place, hint)
        return Broken(place)

    def complain(self, message: str, place: Place, hint: str | None = None) -> None:
        self.problems.append(Problem(message, place, hint))


def _open(node: yaml.Node) -> bool:
    """Whether a plain value has more opening than closing brackets."""
    if not isinstance(node, yaml.ScalarNode) or node.style is not None:
        return False
    return bool(node.value.count("(") > node.value.count(")"))
