"""Sizes that are open, and what others come to by them.

torch.export writes an expression as sympy prints it, for people (4*s0) in older versions and for
programs (Mul(Integer(4), Symbol('s0', integer=True))) since. It is worked out here, never run.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from math import ceil, floor
from operator import add, mul

from sepconv_cli.importing.pt2_graph.program import Tagged, content

_LONGEST = 4096
_LARGEST = 2**63


class UnknownSize(Exception):
    """A size that hangs on values, or an expression that nobody can tell."""


def size(value: Tagged, symbols: Mapping[str, int]) -> int:
    """A whole number, written out or worked out. Raises UnknownSize, ValueError."""
    kind, found = content(value)
    if kind == "as_int" and isinstance(found, int):
        return found
    if kind == "as_expr":
        return evaluated(str(found["expr_str"]), symbols)
    raise ValueError(f"a size that is {kind}")


def hinted(value: Tagged) -> int | None:
    """What a size was in the example that the program was made of, where that is written down."""
    kind, found = content(value)
    if kind == "as_int":
        return int(found)
    hint = found.get("hint") or {}
    return int(hint["as_int"]) if "as_int" in hint else None


def symbol(value: Tagged) -> str | None:
    """The name of a size that is open, where it is nothing but that."""
    kind, found = content(value)
    return _name(_parsed(str(found["expr_str"]))) if kind == "as_expr" else None


def symbols_of(value: Tagged) -> set[str]:
    """The open sizes that a size hangs on."""
    kind, found = content(value)
    nodes = ast.walk(_parsed(str(found["expr_str"]))) if kind == "as_expr" else ()
    names = {_name(node) for node in nodes if isinstance(node, (ast.Name, ast.Call))}
    # A function's name is a name as well, but no symbol.
    return {name for name in names if name is not None and name not in {*_FUNCTIONS, "Symbol"}}


def evaluated(text: str, symbols: Mapping[str, int]) -> int:
    """What an expression comes to. Raises UnknownSize."""
    try:
        found = _value(_parsed(text), symbols)
    except (ArithmeticError, RecursionError, TypeError, ValueError) as error:
        raise UnknownSize(text) from error
    if found.denominator != 1:
        raise UnknownSize(text)
    return found.numerator


def _parsed(text: str) -> ast.expr:
    try:
        if len(text) > _LONGEST:
            raise UnknownSize("an expression that is too long")
        return ast.parse(text, mode="eval").body
    except (MemoryError, RecursionError, SyntaxError, ValueError) as error:
        raise UnknownSize(text) from error


def _name(tree: ast.expr) -> str | None:
    """s0, or Symbol('s0', ...)."""
    if isinstance(tree, ast.Name):
        return tree.id
    if isinstance(tree, ast.Call) and _called(tree) == "Symbol" and tree.args:
        first = tree.args[0]
        return str(first.value) if isinstance(first, ast.Constant) else None
    return None


def _called(tree: ast.Call) -> str:
    return tree.func.id if isinstance(tree.func, ast.Name) else ""


def _value(tree: ast.expr, symbols: Mapping[str, int]) -> Fraction:
    name = _name(tree)
    if name is not None:
        if name not in symbols:
            raise UnknownSize(name)
        return Fraction(symbols[name])
    if isinstance(tree, ast.Constant) and type(tree.value) is int:
        return _bounded(Fraction(tree.value))
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        return -_value(tree.operand, symbols)
    if isinstance(tree, ast.BinOp):
        return _applied(_OPERATORS.get(type(tree.op), ""), (tree.left, tree.right), symbols)
    if isinstance(tree, ast.Call):
        return _applied(_called(tree), tree.args, symbols)
    raise UnknownSize(ast.dump(tree)[:80])


def _applied(name: str, given: Sequence[ast.expr], symbols: Mapping[str, int]) -> Fraction:
    function = _FUNCTIONS.get(name)
    if function is None:
        raise UnknownSize(name)
    return _bounded(function(*(_value(each, symbols) for each in given)))


def _bounded(found: Fraction) -> Fraction:
    if max(abs(found.numerator), found.denominator) > _LARGEST:
        raise UnknownSize("a number that is too large")
    return found


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1 or abs(exponent) > 64:
        raise ValueError
    return Fraction(base**exponent.numerator)


def _floored(x: Fraction, y: Fraction) -> Fraction:
    return Fraction(x // y)


def _ceiled(x: Fraction, y: Fraction) -> Fraction:
    return Fraction(-(-x // y))


def _of_all(function: Callable[[Fraction, Fraction], Fraction]) -> Callable[..., Fraction]:
    return lambda *given: reduce(function, given)


_FUNCTIONS: dict[str, Callable[..., Fraction]] = {
    "Integer": lambda x: x,
    "Rational": lambda x, y: x / y,
    "Add": _of_all(add),
    "Mul": _of_all(mul),
    "Sub": lambda x, y: x - y,
    "Div": lambda x, y: x / y,
    "Pow": _power,
    "PowByNatural": _power,
    "IntTrueDiv": lambda x, y: x / y,
    "CleanDiv": _floored,
    "FloorDiv": _floored,
    "CeilDiv": _ceiled,
    "Mod": lambda x, y: x % y,
    "PythonMod": lambda x, y: x % y,
    "Max": max,
    "Min": min,
    "Abs": abs,
    "floor": lambda x: Fraction(floor(x)),
    "ceiling": lambda x: Fraction(ceil(x)),
    "FloorToInt": lambda x: Fraction(floor(x)),
    "CeilToInt": lambda x: Fraction(ceil(x)),
    "TruncToInt": lambda x: Fraction(int(x)),
    "ToFloat": lambda x: x,
    "Identity": lambda x: x,
}
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "Add",
    ast.Sub: "Sub",
    ast.Mult: "Mul",
    ast.Div: "Div",
    ast.FloorDiv: "FloorDiv",
    ast.Mod: "Mod",
    ast.Pow: "Pow",
}
