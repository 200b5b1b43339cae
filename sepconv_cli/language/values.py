"""Nodes -> values: constants, words, expressions, lists, and mappings with known keys.

What is wrong is added to the problems and read around.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sepconv_cli.errors import Place, Problems, closest, did_you_mean
from sepconv_cli.language.expression import compile_expression
from sepconv_cli.language.model import Value
from sepconv_cli.language.nodes import Broken, Mapping, Scalar, Sequence, YamlNode
from sepconv_cli.language.numbers import ExpressionError

_EXAMPLES = {
    "input": "such as `input: [3, 224, 224]`: channels, then the sizes",
    "layers": "such as `layers: [conv: {out_channels: 8, kernel_size: 3}, relu]`",
}


class Use(NamedTuple):
    """The name of an op, block or variant where it is used."""

    name: str
    place: Place


class ValueReader:
    """Reads values; what it meets goes to the problems."""

    def __init__(self, problems: Problems) -> None:
        self.complain = problems.complain

    def value(
        self, node: YamlNode, words: frozenset[str] = frozenset(), numbers: bool = True
    ) -> Value:
        """A constant, an expression, a list of values, or one of these words; or a word only."""
        if isinstance(node, Scalar):
            return self._scalar(node, words, numbers)
        if isinstance(node, Sequence):
            return Value(tuple(self.value(item) for item in node.items), node.place)
        if isinstance(node, Mapping):
            self.complain("expected a number, an expression or a list, not a mapping", node.place)
        return Value(None, node.place)

    def _scalar(self, node: Scalar, words: frozenset[str], numbers: bool) -> Value:
        value = node.value
        if value is None:
            self.complain("a value is missing", node.place)
        elif isinstance(value, str) and value not in words:
            if numbers and value.lower() not in words:
                return self._expression(value, node)
            expected = " or ".join(sorted(words))
            self.complain(f"expected {expected}, not {value}", node.place)
            value = None
        return Value(value, node.place)

    def _expression(self, text: str, node: Scalar) -> Value:
        # Columns in an expression count from its first character, past quotes and blanks.
        inline = node.offset is not None
        skipped = (node.offset or 0) + len(text) - len(text.lstrip())
        place = node.place.shifted(skipped * inline)
        try:
            return Value(compile_expression(text), place, inline)
        except ExpressionError as error:
            self.complain(error.message, place.shifted(error.column * inline), error.hint)
            return Value(None, place)

    def optional_value(self, node: YamlNode | None) -> Value | None:
        """The value, if there is one."""
        return None if node is None else self.value(node)

    def word(self, node: YamlNode | None) -> str | None:
        """Text for people, such as a name, as it is written."""
        if node is None or isinstance(node, Broken):
            return None
        if isinstance(node, Scalar) and node.value is not None and node.text.isprintable():
            return node.text
        self.complain("expected a line of text", node.place)
        return None

    def name(self, node: YamlNode | None, what: str) -> str | None:
        """The name of a layer."""
        text = self.word(node)
        if node is None or text is None or self.is_name(text, what, node.place):
            return text
        return None

    def is_name(self, text: str, what: str, place: Place) -> bool:
        """Whether a text may name a layer or block; where not, that is reported."""
        fits = text.replace("-", "_").isidentifier()
        if not fits:
            hint = "a name has letters, digits, underscores and dashes"
            self.complain(f"{text!r} can't be the name of a {what}", place, hint)
        return fits

    def mapping(
        self, node: YamlNode, what: str, hint: str = "such as `key: value`"
    ) -> Mapping | None:
        """The node as a mapping; None where it is none."""
        if isinstance(node, Mapping):
            return node
        if not isinstance(node, Broken):
            self.complain(f"expected {what}", node.place, hint)
        return None

    def optional_mapping(self, node: YamlNode | None, what: str) -> Mapping | None:
        """The same, where nothing may be written."""
        return None if node is None or is_empty(node) else self.mapping(node, what)

    def known_keys(self, entries: Mapping, known: Iterable[str], what: str) -> None:
        """Report every key that isn't known."""
        names = list(known)
        for key in entries.entries:
            if key not in names:
                hint = did_you_mean(key, names)
                self.complain(f"no {what} is called {key}", entries.keys[key], hint)

    def call(
        self,
        node: YamlNode | None,
        known: Iterable[str],
        required: Iterable[str],
        what: str,
        call: Use,
    ) -> dict[str, YamlNode]:
        """What is given to an op, block or variant: known, and none missing unless misspelt."""
        entries = self.optional_mapping(node, f"the {what}s of {call.name} as keys and values")
        given = entries.entries if entries else {}
        missing = [key for key in required if key not in given]
        surplus = [key for key in given if key not in known]
        if entries and surplus:
            self.known_keys(entries, known, f"{what} of {call.name}")
            misspelt = [closest(key, missing) for key in surplus]
            missing = [key for key in missing if key not in misspelt]
            given = {key: value for key, value in given.items() if key in known}
        if missing and (entries is not None or is_empty(node)):
            self.complain(f"{call.name} needs {' and '.join(missing)}", call.place)
        return given

    def required_keys(self, entries: Mapping, required: Iterable[str], what: str) -> None:
        """Report every key that is missing."""
        for key in required:
            if key not in entries.entries:
                self.complain(f"{what} needs `{key}`", entries.place, _EXAMPLES.get(key))


def is_empty(node: YamlNode | None) -> bool:
    """Whether nothing is written."""
    return node is None or (isinstance(node, Scalar) and node.value is None)
