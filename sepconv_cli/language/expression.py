"""`32 * width`: a small arithmetic in exact numbers, safe to run on anybody's text.

Python's parser makes the tree; only the node types listed here are run. Length, depth, size
and every value are bounded. What names mean is the caller's: a mapping from name to value.
"""

import ast
import operator
import re
import warnings
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import msgspec

from sepconv_cli.arithmetic import divide
from sepconv_cli.errors import did_you_mean
from sepconv_cli.language.numbers import (
    ARGUMENTS,
    FUNCTIONS,
    MAX_VALUE,
    UNSET,
    Data,
    ExpressionError,
    Names,
    Number,
    Unknown,
    bounded,
    comparable,
    number,
    truth,
    undefined,
)

Run = Callable[[Names], Any]

MAX_LENGTH = 300
MAX_NODES = 100
MAX_DEPTH = 20


class Expression(msgspec.Struct, frozen=True):
    """A compiled expression: its text, the names it reads, and `run`."""

    text: str
    names: frozenset[str]
    run: Run


# Python would read these as a comment, and as numbers in another base.
_NOT_OURS = re.compile(r"#|\b0[xXoObB]\w*")

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: divide,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """Read an expression. Raises ExpressionError."""
    return compile_by(Compiler, text)


def compile_by(kind: "type[Compiler]", text: str) -> Expression:
    """Read an expression that is run in a way of its own. Raises ExpressionError."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression of more than {MAX_LENGTH} characters")
    if not text.isascii():
        column = next(i for i, character in enumerate(text) if not character.isascii())
        raise ExpressionError(f"{text[column]!r} has no place in an expression", column=column)
    odd = _NOT_OURS.search(text)
    if odd:
        hint = "a number has decimal digits" if odd[0] != "#" else None
        raise ExpressionError(f"{odd[0]!r} has no place in an expression", hint, odd.start())
    if _depth(text) > MAX_DEPTH:
        raise ExpressionError(f"brackets nested deeper than {MAX_DEPTH}")
    # A multi-line scalar or leading blanks would read as indentation.
    flat = text.replace("\n", " ").strip()
    tree = _parse(flat)
    if sum(1 for _ in ast.walk(tree)) > 3 * MAX_NODES:
        raise ExpressionError(f"an expression of more than {MAX_NODES} parts")
    compiler = kind(flat)
    run = compiler.compile(tree.body)
    return Expression(flat, frozenset(compiler.names), run)


def _depth(text: str) -> int:
    """How deep the brackets nest."""
    depth = deepest = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    return deepest


def _parse(text: str) -> ast.Expression:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval")
    except SyntaxError as error:
        # Python counts from 1, and says 0 for the end.
        column = max(min((error.offset or len(text)) - 1, len(text) - 1), 0)
        hint = (
            "quote an expression that holds a comma" if text.count("(") != text.count(")") else None
        )
        raise ExpressionError(f"{text!r} is not an expression", hint, column) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError("an expression nested too deep") from error


class Compiler:
    """A tree of the allowed node types to nested functions of the names."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: set[str] = set()

    def compile(self, node: ast.expr) -> Run:
        """The function that runs a part of the tree."""
        method: Callable[[Any], Run] | None = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise self.error(node, "is not part of the expression language", _LANGUAGE)
        return method(node)

    def error(self, node: ast.expr, message: str, hint: str | None = None) -> ExpressionError:
        """An error that points at a part of the tree."""
        return ExpressionError(f"{self.source(node)!r} {message}", hint, node.col_offset)

    def source(self, node: ast.expr) -> str:
        """The text of a part of the tree."""
        return self.text[node.col_offset : node.end_col_offset]

    def _constant(self, node: ast.Constant) -> Run:
        literal = node.value
        if isinstance(literal, bool) or not isinstance(literal, (int, float)):
            raise self.error(node, "is not a number")
        # The text and not the float: 0.1 is one tenth.
        value: Number = _float_literal(self, node) if isinstance(literal, float) else literal
        if value > MAX_VALUE:
            raise self.error(node, f"is larger than {MAX_VALUE:.0e}")
        return lambda names: value

    def _name(self, node: ast.Name) -> Run:
        name = node.id
        if name in ("true", "false"):
            truth = name == "true"
            return lambda names: truth
        self.names.add(name)
        column = node.col_offset

        def read(names: Names) -> Data:
            try:
                value = names[name]
            except KeyError:
                raise undefined(name, names, column) from None
            if value is UNSET:
                raise Unknown
            return value

        return read

    def _binop(self, node: ast.BinOp) -> Run:
        function = _BINARY.get(type(node.op))
        if function is None:
            raise self.error(node, "uses an operator that is not known", _LANGUAGE)
        left, right = self.compile(node.left), self.compile(node.right)
        divides = isinstance(node.op, (ast.Div, ast.FloorDiv, ast.Mod))

        def run(names: Names) -> Number:
            a, b = number(left(names)), number(right(names))
            if divides and not b:
                raise self.zero_division(node)
            return bounded(function(a, b), self.text)

        return run

    def _unaryop(self, node: ast.UnaryOp) -> Run:
        operand = self.compile(node.operand)
        if isinstance(node.op, ast.Not):
            return lambda names: not truth(operand(names))
        function = _UNARY.get(type(node.op))
        if function is None:
            raise self.error(node, "uses an operator that is not known", _LANGUAGE)
        return lambda names: function(number(operand(names)))

    def _compare(self, node: ast.Compare) -> Run:
        functions = [COMPARISONS.get(type(op)) for op in node.ops]
        operands = [self.compile(operand) for operand in (node.left, *node.comparators)]

        def run(names: Names) -> bool:
            values = [comparable(operand(names)) for operand in operands]
            steps = zip(functions, values, values[1:], strict=False)
            return all(function(a, b) for function, a, b in steps if function)

        if None in functions:
            raise self.error(node, "uses a comparison that is not known", _LANGUAGE)
        return run

    def _boolop(self, node: ast.BoolOp) -> Run:
        operands = [self.compile(operand) for operand in node.values]
        combine = all if isinstance(node.op, ast.And) else any
        return lambda names: combine(truth(operand(names)) for operand in operands)

    def _ifexp(self, node: ast.IfExp) -> Run:
        test, then, other = (self.compile(part) for part in (node.test, node.body, node.orelse))
        return lambda names: then(names) if truth(test(names)) else other(names)

    def _call(self, node: ast.Call) -> Run:
        name = node.func.id if isinstance(node.func, ast.Name) else self.source(node.func)
        function = FUNCTIONS.get(name)
        if function is None:
            hint = did_you_mean(name, FUNCTIONS)
            raise ExpressionError(f"no function is called {name}", hint, node.col_offset)
        least, most = ARGUMENTS.get(name, (1, 1))
        if node.keywords or not least <= len(node.args) <= most:
            counts = "one number" if most == 1 else f"{least} to {most} numbers"
            raise self.error(node, f"is not a call that can be made: {name} takes {counts}")
        arguments = [self.compile(argument) for argument in node.args]

        def run(names: Names) -> Number:
            values = [number(argument(names)) for argument in arguments]
            try:
                return bounded(function(*values), self.text)
            except ZeroDivisionError:
                raise self.zero_division(node) from None

        return run

    def zero_division(self, node: ast.expr) -> ExpressionError:
        """The error for a division by zero."""
        return ExpressionError(f"{self.text!r} divides by zero", column=node.col_offset)


_LANGUAGE = "numbers, names, + - * / // %, comparisons, and or not, `a if c else b`, " + " ".join(
    FUNCTIONS
)


def _float_literal(compiler: Compiler, node: ast.Constant) -> Number:
    text = compiler.source(node)
    if len(text.lower().partition("e")[2]) > 3:
        raise compiler.error(node, f"is larger than {MAX_VALUE:.0e}")
    try:
        return bounded(Fraction(text), text)
    except ValueError:
        raise compiler.error(node, "is not a finite number") from None
