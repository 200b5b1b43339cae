"""A tree of Python's parser -> nested functions of the names: the node types that are run.

How a text becomes a tree, and what bounds it, is expression.py's.
"""

import ast
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

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
_LANGUAGE = "numbers, names, + - * / // %, comparisons, and or not, `a if c else b`, " + " ".join(
    FUNCTIONS
)


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


def _float_literal(compiler: Compiler, node: ast.Constant) -> Number:
    text = compiler.source(node)
    if len(text.lower().partition("e")[2]) > 3:
        raise compiler.error(node, f"is larger than {MAX_VALUE:.0e}")
    try:
        return bounded(Fraction(text), text)
    except ValueError:
        raise compiler.error(node, "is not a finite number") from None
