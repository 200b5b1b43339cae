"""Formulas as the articles write them: `M·N·K²·Do²`, `1/N + 1/K²`.

The same formula is written with its symbols, or with a number in place of each.
"""

from collections.abc import Callable
from typing import Any

import sympy

Show = Callable[[Any], str]

_ORDER = {"M": 0, "N": 2, "K": 3, "Di": 4, "Do": 5}
_OF_A_VARIANT = 1
"""A variant's own symbols stand behind M."""
_FUNCTIONS = {sympy.Min: "min", sympy.Max: "max", sympy.ceiling: "ceil"}
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def formula_text(formula: Any, show: Show) -> str:
    """The formula in one line; `show` writes a symbol."""
    if formula.is_Add:
        return " + ".join(formula_text(term, show) for term in sorted(formula.args, key=_term_rank))
    above, below = sympy.fraction(formula)
    if below == 1:
        return _product(above, show)
    bottom = _product(below, show)
    several = len(sympy.Mul.make_args(below)) > 1
    return f"{_product(above, show)}/{f'({bottom})' if several else bottom}"


def definition(formula: Any, show: Show) -> str:
    """A formula with functions in it: `min(M, max(4, ceil(M/4)))`."""
    if not formula.is_Function:
        return formula_text(formula, show)
    name = _FUNCTIONS.get(formula.func, formula.func.__name__.lower())
    arguments = sorted(formula.args, key=lambda part: (bool(part.is_Function), str(part)))
    return f"{name}({', '.join(definition(part, show) for part in arguments)})"


def rounded_up(formula: Any) -> Any:
    """The same with -floor(-a), which is how whole numbers round up, as ceiling(a)."""

    def mended(inside: Any) -> Any:
        return -sympy.ceiling(-inside) if inside.could_extract_minus_sign() else sympy.floor(inside)

    return formula.replace(sympy.floor, mended)


def _product(formula: Any, show: Show) -> str:
    factors = sorted(sympy.Mul.make_args(formula), key=_factor_rank)
    return "·".join(_factor(factor, show) for factor in factors)


def _factor(factor: Any, show: Show) -> str:
    if factor.is_Add:
        return f"({formula_text(factor, show)})"
    base, exponent = factor.as_base_exp()
    shown = show(base) if base.is_Symbol else str(base)
    return shown if exponent == 1 else shown + str(exponent).translate(_SUPERSCRIPTS)


def _factor_rank(factor: Any) -> tuple[bool, bool, int, str]:
    """Numbers, then symbols in the field's order, then sums."""
    name = str(factor.as_base_exp()[0])
    place = _ORDER.get(name.split("_")[0], _OF_A_VARIANT)
    return (not factor.is_number, factor.is_Add, place, name)


def _term_rank(term: Any) -> list[Any]:
    return [_factor_rank(factor) for factor in sympy.Mul.make_args(sympy.fraction(term)[1])] + [
        _factor_rank(factor) for factor in sympy.Mul.make_args(term)
    ]
