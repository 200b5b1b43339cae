"""The channels at which two variants cost the same, as a formula: the only importer of sympy here.

The formulas are those that `explain` shows. The input's size is put as a multiple of the
output's, so that the size itself falls out.
"""

from typing import Any

import sympy

from sepconv_cli.cost.per_layer import Shape
from sepconv_cli.explain.symbolic import Symbolic, symbolic
from sepconv_cli.explain.text import formula_text
from sepconv_cli.network import Node
from sepconv_cli.variants import Variant

_OUTPUTS = sympy.Symbol("N", integer=True, positive=True)


def crossing_formula(shape: Shape, first: Variant, second: Variant, by: str) -> str | None:
    """The N at which both cost the same, such as `M·K²/(3·M + K²)`.

    `by` is `macs` or `parameters`. None where the two never cross, where a formula stands in
    numbers, and where both call different things by one symbol.
    """
    node = Node("conv", "conv", shape.conv, shape.x, shape.conv.output_shape(shape.x))
    one, other = symbolic(node, first), symbolic(node, second)
    if not one.names or not other.names or _is_ambiguous(one, other):
        return None
    values = {**one.values, **other.values}
    a, b = _whole(one, by), _whole(other, by)
    difference = sympy.expand(a - b)
    each, fixed = difference.coeff(_OUTPUTS, 1), difference.coeff(_OUTPUTS, 0)
    if each == 0 or fixed == 0:
        return None
    above, below = sympy.fraction(sympy.cancel(-fixed / each))
    if below.subs(values) < 0:
        above, below = -above, -below
    return _quotient(sympy.factor(above), sympy.expand(below))


def _is_ambiguous(one: Symbolic, other: Symbolic) -> bool:
    meant = {named.symbol: named for named in one.names}
    return any(meant.get(named.symbol, named) != named for named in other.names)


def _whole(found: Symbolic, by: str) -> Any:
    """The cost of a variant, its input's size written as a multiple of its output's."""
    parts = [getattr(part, by) for part in found.parts]
    whole = sum((part for part in parts if part is not None), sympy.Integer(0))
    for symbol, value in found.values.items():
        if str(symbol).startswith("Di"):
            output = _same_axis(symbol, found.values)
            whole = whole.subs(symbol, sympy.Rational(value, found.values[output]) * output)
    return whole


def _same_axis(symbol: Any, values: dict[Any, int]) -> Any:
    """The output's size on the axis of an input's; the only one where all axes are alike."""
    name = str(symbol).replace("Di", "Do")
    outputs = [other for other in values if str(other).startswith("Do")]
    return next((other for other in outputs if str(other) == name), outputs[0])


def _quotient(above: Any, below: Any) -> str:
    top = _factors(above)
    if below == 1:
        return top
    several = below.is_Add or len(sympy.Mul.make_args(below)) > 1
    return f"{top}/{f'({_sum(below)})' if several else _sum(below)}"


def _factors(formula: Any) -> str:
    """A product, whose sums stand in brackets."""
    if formula.is_Add:
        return f"({_sum(formula)})"
    sums = [factor for factor in sympy.Mul.make_args(formula) if factor.is_Add]
    plain = formula / sympy.prod(sums) if sums else formula
    if sums and plain.could_extract_minus_sign():
        plain, sums[0] = -plain, -sums[0]
    shown = [formula_text(plain, str)] if plain != 1 or not sums else []
    return "·".join([*shown, *(f"({_sum(each)})" for each in sums)])


def _sum(formula: Any) -> str:
    """Terms with their signs, what is added before what is taken away."""
    terms = sympy.Add.make_args(sympy.expand(formula))
    minus = [term for term in terms if term.could_extract_minus_sign()]
    plus = [term for term in terms if term not in minus]
    shown = formula_text(sympy.Add(*plus), str) if plus else "0"
    return shown + "".join(f" - {formula_text(-term, str)}" for term in sorted(minus, key=str))
