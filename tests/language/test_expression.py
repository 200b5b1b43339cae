"""The expression language: exact, small and bounded."""

from fractions import Fraction
from typing import Any

import pytest

from sepconv_cli.language.expression import compile_expression
from sepconv_cli.language.numbers import MAX_VALUE, ExpressionError

NAMES: dict[str, Any] = {
    "width": Fraction(1, 2),
    "n": 7,
    "deep": True,
    "in_size": (8, 8),
    "odd": (8, 9),
}


def value(text: str) -> object:
    return compile_expression(text).run(NAMES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("32 * width", 16),
        ("int(30 * 0.1)", 3),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("1e3", 1000),
        ("2.5e-1", Fraction(1, 4)),
        ("7 // 2 - -3 % 5", 1),
        ("7 / 2", Fraction(7, 2)),
        ("6 / 2", 3),
        ("n if width < 1 else 0", 7),
        ("0 if not deep or n != 7 and 1 <= n < 3 else 5", 5),
        ("deep", True),
        ("false", False),
        ("min(3, n) + max(1, 2, 9)", 12),
        ("ceil(n / 2) + floor(n / 2) + round(n / 2)", 4 + 3 + 4),
        ("int(-7 / 2) + abs(-3)", 0),
        ("make_divisible(33 * 0.75)", 24),
        ("make_divisible(10)", 16),
        ("make_divisible(4, 4, 16)", 16),
        ("in_size // 2", 4),
        ("in_size", (8, 8)),
        ("(1 +\n 2)", 3),
    ],
)
def test_values(text: str, expected: object) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


def test_make_divisible_does_not_fall_under_90_percent() -> None:
    """10 rounds to 8, which is under 9, so 16; 12 rounds to 16; 9 to 8 is under 8.1: 16."""
    assert [value(f"make_divisible({n})") for n in (8, 10, 12, 9, 17)] == [8, 16, 16, 16, 16]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("widht * 2", "no parameter is called widht"),
        ("in_channels", "in_channels is not known here"),
        ("2 ** 9", "'2 ** 9' uses an operator that is not known"),
        ("n.real", "'n.real' is not part of the expression language"),
        ("n[0]", "'n[0]' is not part of the expression language"),
        ("'text'", "\"'text'\" is not a number"),
        ("lambda: 1", "'lambda: 1' is not part of the expression language"),
        ("[x for x in n]", "'[x for x in n]' is not part of the expression language"),
        ("__import__(1)", "no function is called __import__"),
        ("n.real(1)", "no function is called n.real"),
        ("min(1)", "'min(1)' is not a call that can be made: min takes 2 to 99 numbers"),
        ("round(1, 2)", "'round(1, 2)' is not a call that can be made: round takes one number"),
        ("max(1, n, key=n)", "'max(1, n, key=n)' is not a call that can be made"),
        ("1 / (n - 7)", "'1 / (n - 7)' divides by zero"),
        ("n % 0", "'n % 0' divides by zero"),
        ("make_divisible(9, 0)", "make_divisible needs a whole divisor of at least 1, not 0"),
        ("0x10", "'0x10' has no place in an expression"),
        ("3 # 4", "'#' has no place in an expression"),
        ("1 +", "'1 +' is not an expression"),
        ("", "'' is not an expression"),
        ("min(1", "'min(1' is not an expression"),
        ("deep + 1", "true is not a number"),
        ("odd + 1", "[8, 9] is not a number"),
        ("1 if n else 2", "7 is neither true nor false"),
        ("n in odd", "'n in odd' uses a comparison that is not known"),
        ("1j", "'1j' is not a number"),
        ("1e400", "'1e400' is larger than 1e+18"),
        (f"{MAX_VALUE + 1}", f"'{MAX_VALUE + 1}' is larger than 1e+18"),
        ("999999999 * 999999999 * 999999999", "is larger than 1e+18"),
        ("1 / 999999999 / 999999999 / 9", "has too many digits"),
        ("n " * 200, "an expression of more than 300 characters"),
        ("+".join("n" * 140), "an expression of more than 100 parts"),
        ("(" * 21 + "1" + ")" * 21, "brackets nested deeper than 20"),
        ("-" * 250 + "1", "an expression of more than 100 parts"),
        ("nº", "'º' has no place in an expression"),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as error:
        value(text)
    assert message in error.value.message


def test_a_name_that_is_close_is_suggested() -> None:
    with pytest.raises(ExpressionError) as error:
        value("2 * widht")
    assert error.value.hint == "did you mean width?"
    assert error.value.column == 4


def test_the_largest_value_is_allowed() -> None:
    assert value(f"{MAX_VALUE - 1} + 1") == MAX_VALUE
