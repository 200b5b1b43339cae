"""Fractions of two sums on a box: brought over one divisor, and made small."""

from fractions import Fraction
from math import gcd
from typing import Any

from sepconv_cli.language.numbers import MAX_VALUE
from sepconv_cli.sweep.box import Box
from sepconv_cli.sweep.sums import ONE, Sum, constant

Quotient = tuple[Sum, Sum]
"""What is above and below the fraction bar; a divisor of 1 is always the same object."""


def plain_quotient(value: Any) -> Quotient | None:
    """A plain number; None for what is no exact one."""
    if type(value) is int:
        return constant(value), ONE
    if isinstance(value, (int, Fraction)):
        divisor = value.denominator
        return constant(value.numerator), ONE if divisor == 1 else constant(divisor)
    return None


def crossed(box: Box, left: Quotient, right: Quotient) -> tuple[Sum, Sum, Sum]:
    """Both over one divisor: two sums, and it."""
    (a, b), (c, d) = left, right
    if b is d or b == d:
        return a, c, b
    return box.multiply(a, d), box.multiply(c, b), box.multiply(b, d)


def reduced(box: Box, terms: Sum, divisor: Sum) -> Quotient:
    """A fraction without what its coefficients have in common; further where it is large.

    So a divisor that exceeds the largest value of a spec does so at some point of the box.
    """
    if terms == divisor:
        return ONE, ONE
    common = gcd(*terms.values(), *divisor.values())
    if common > 1:
        terms, divisor = _divided(terms, common), _divided(divisor, common)
    if divisor == ONE:
        return terms, ONE
    if box.ends(divisor)[1] > MAX_VALUE:
        both = box.apply("gcd", terms, divisor)
        return box.apply("floor_divide", terms, both), box.apply("floor_divide", divisor, both)
    return terms, divisor


def _divided(terms: Sum, common: int) -> Sum:
    return {factors: times // common for factors, times in terms.items()}
