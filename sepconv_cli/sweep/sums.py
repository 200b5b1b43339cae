"""Sums of products with whole coefficients, as costs are: the arithmetic that needs no array.

`{(): 3, (1, 1): 2}` is 3 + 2·a·a, where a is the array with the number 1. Equal products come
together, so that layers of one shape are worked out once.
"""

from collections.abc import Callable, Mapping

Factors = tuple[int, ...]
"""The numbers of the arrays that are multiplied, in order."""

Sum = dict[Factors, int]
"""For each product how often it is in the sum; nothing is in it zero times."""

ONE: Sum = {(): 1}


def constant(value: int) -> Sum:
    """A number that is the same everywhere."""
    return {(): value} if value else {}


def fixed(terms: Sum) -> int | None:
    """The number that is the same everywhere; None where it depends on an array."""
    if not terms:
        return 0
    return terms.get(()) if len(terms) == 1 else None


def added(left: Sum, right: Sum, times: int = 1) -> Sum:
    """A sum, of which the right one is in it so many times."""
    total = left.copy()
    for factors, count in right.items():
        both = total.get(factors, 0) + times * count
        if both:
            total[factors] = both
        else:
            total.pop(factors, None)
    return total


def scaled(terms: Sum, times: int) -> Sum:
    """So many times a sum."""
    if times == 1:
        return terms
    return {factors: times * count for factors, count in terms.items()} if times else {}


def product(left: Sum, right: Sum) -> Sum:
    """The product of two single products."""
    ((a, m),) = left.items()
    ((b, n),) = right.items()
    return {tuple(sorted(a + b)) if a and b else a or b: m * n}


def grouped(terms: Sum, axes_of: Callable[[int], int]) -> Mapping[Factors, Sum] | None:
    """The terms by their factors on some axes, and what is left of them then.

    Those axes are taken that leave the fewest groups; None where all factors have the same.
    """
    parts = {axes_of(each) for factors in terms for each in factors}
    if len(parts) < 2:
        return None
    return min((_grouped(terms, part, axes_of) for part in sorted(parts)), key=len)


def _grouped(terms: Sum, part: int, axes_of: Callable[[int], int]) -> dict[Factors, Sum]:
    found: dict[Factors, Sum] = {}
    for factors, times in terms.items():
        own = tuple([each for each in factors if axes_of(each) == part])
        rest = tuple([each for each in factors if axes_of(each) != part])
        group = found.setdefault(own, {})
        group[rest] = group.get(rest, 0) + times
    return found
