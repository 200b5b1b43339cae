"""Nodes -> values: constants, words, expressions, lists, and mappings with known keys.

What is wrong is added to the problems and read around.
"""

from collections.abc import Iterable
from typing import Any

from sepconv_cli.errors import Place, Problem, closest, did_you_mean
from sepconv_cli.spec.expression import compile_expression
from sepconv_cli.spec.model import Value
from sepconv_cli.spec.nodes import Broken, Mapping, Node, Scalar, Sequence
from sepconv_cli.spec.numbers import ExpressionError


class ValueReader:
    """Reads values and collects the problems that it meets."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems

    def value(self, node: Node, words: frozenset[str] = frozenset()) -> Value:
        """A constant, an expression, a word of these, or a list of values."""
        if isinstance(node, Scalar):
            return Value(self._scalar(node, words), node.place)
        if isinstance(node, Sequence):
            return Value(tuple(self.value(item) for item in node.items), node.place)
        if isinstance(node, Mapping):
            self.complain("expected a number, an expression or a list, not a mapping", node.place)
        return Value(None, node.place)

    def _scalar(self, node: Scalar, words: frozenset[str]) -> Any:
        value = node.value
        if value is None:
            self.complain("a value is missing", node.place)
        elif isinstance(value, str) and value not in words:
            return self._expression(value, node)
        return value

    def _expression(self, text: str, node: Scalar) -> Any:
        try:
            return compile_expression(text)
        except ExpressionError as error:
            place = node.place.shifted(error.column + node.quoted)
            self.complain(error.message, place, error.hint)
            return None

    def optional_value(self, node: Node | None) -> Value | None:
        """The value, if there is one."""
        return None if node is None else self.value(node)

    def word(self, node: Node | None) -> str | None:
        """Text for people, such as a name; numbers are taken as they stand."""
        if node is None or isinstance(node, Broken):
            return None
        if isinstance(node, Scalar) and node.value is not None:
            return str(node.value)
        self.complain("expected text", node.place)
        return None

    def mapping(self, node: Node, what: str) -> Mapping | None:
        """The node as a mapping; None where it is none."""
        if isinstance(node, Mapping):
            return node
        if not isinstance(node, Broken):
            self.complain(
                f"expected {what} with keys and values", node.place, "such as `key: value`"
            )
        return None

    def optional_mapping(self, node: Node | None, what: str) -> Mapping | None:
        """The same, where nothing may be written."""
        if node is None or (isinstance(node, Scalar) and node.value is None):
            return None
        return self.mapping(node, what)

    def known_keys(self, entries: Mapping, known: Iterable[str], what: str) -> None:
        """Report every key that isn't known."""
        for key in entries.entries:
            if key not in known:
                hint = did_you_mean(key, known)
                self.complain(f"no {what} is called {key}", entries.keys[key], hint)

    def keys(
        self,
        entries: Mapping | None,
        known: Iterable[str],
        required: Iterable[str],
        owner: str,
        what: str,
        place: Place,
    ) -> None:
        """Every key known, none missing; a misspelt one isn't missing as well."""
        given = list(entries.entries) if entries else []
        if entries is not None:
            self.known_keys(entries, known, f"{what} of {owner}")
        missing = [key for key in required if key not in given]
        misspelt = [closest(key, missing) for key in given if key not in known]
        absent = [key for key in missing if key not in misspelt]
        if absent:
            self.complain(f"{owner} needs {' and '.join(absent)}", place)

    def required_keys(self, entries: Mapping, required: Iterable[str], what: str) -> None:
        """Report every key that is missing."""
        for key in required:
            if key not in entries.entries:
                self.complain(f"{what} needs `{key}`", entries.place)

    def complain(self, message: str, place: Place, hint: str | None = None) -> None:
        """Report a problem."""
        self.problems.append(Problem(message, place, hint))
