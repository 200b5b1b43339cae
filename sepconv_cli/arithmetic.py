"""Integer arithmetic for formulas: the few functions that plain operators don't cover.

A formula is written once and evaluated on exact ints, and on sympy symbols when it prints
itself. Here lives what behaves differently
between them. Formulas themselves live in ops/ and variants/.
"""

from math import prod

__all__ = ["ceil_div", "maximum", "minimum", "prod"]


def ceil_div(dividend: int, divisor: int) -> int:
    """The quotient rounded up, exact where floating point would not be."""
    return -(-dividend // divisor)


def minimum(left: int, right: int) -> int:
    """The smaller of two numbers."""
    if isinstance(left, int) and isinstance(right, int):
        return min(left, right)
    return _symbolic("Min", left, right)


def maximum(left: int, right: int) -> int:
    """The larger of two numbers."""
    if isinstance(left, int) and isinstance(right, int):
        return max(left, right)
    return _symbolic("Max", left, right)


def _symbolic(function: str, left: int, right: int) -> int:
    import sympy

    result: int = getattr(sympy, function)(left, right)
    return result
