"""What parameters are set to: as it is typed, as every combination, and as it is shown."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import prod
from numbers import Rational, Real
from typing import Any

from sepconv_cli.errors import UsageError, show
from sepconv_cli.language.expression import compile_expression
from sepconv_cli.language.numbers import Data, ExpressionError, bounded

MAX_CASES = 10_000
MAX_SETTING_DIGITS = 100

Settings = Mapping[str, Data]


def grid(settings: Sequence[str]) -> list[Settings]:
    """`width=0.5,1` and the like as every combination of values. Raises UsageError."""
    listed: dict[str, list[Any]] = {}
    for setting in settings:
        name, equals, values = setting.partition("=")
        if not equals or not name.strip() or not values.strip():
            raise UsageError(f"--set {setting}: expected NAME=VALUE", "such as --set width=0.5,1")
        if name.strip() in listed:
            raise UsageError(f"{name} is set twice", f"list the values: --set {name}=1,2")
        listed[name.strip()] = [_constant(setting, value) for value in values.split(",")]
    count = prod(len(values) for values in listed.values())
    if count > MAX_CASES:
        raise UsageError(f"{count:,} combinations of settings, more than {MAX_CASES:,}")
    return [dict(zip(listed, values, strict=True)) for values in product(*listed.values())]


def points(grid: Sequence[Mapping[str, object]]) -> list[Settings]:
    """Choices of parameters as they are given in Python, exact. Raises UsageError."""
    if not isinstance(grid, Iterable) or not all(map(_is_choice, grid)):
        raise UsageError(
            "grid is a list of mappings, one for each choice", 'such as [{"width": 0.5}]'
        )
    return [{name: exact(name, value) for name, value in each.items()} for each in grid]


def _is_choice(point: object) -> bool:
    return isinstance(point, Mapping) and all(isinstance(name, str) for name in point)


def exact(name: str, value: object) -> int | Fraction | bool:
    """A number as it was typed: the float 0.1 is one tenth. Raises UsageError that says `name`.

    A text is read as on the command line.
    """
    if isinstance(value, str):
        return _constant(f"{name}={value}", value)  # type: ignore[no-any-return]
    if isinstance(value, bool):
        return value
    try:
        if isinstance(value, Rational):
            return bounded(Fraction(int(value.numerator), int(value.denominator)), str(value))
        typed = Decimal(str(value)) if isinstance(value, (Real, Decimal)) else Decimal("nan")
        # Beyond these digits a fraction would take all memory before it is refused.
        if typed.is_finite() and abs(typed.adjusted()) < MAX_SETTING_DIGITS:
            return bounded(Fraction(typed), str(value))
    except ExpressionError as error:
        raise UsageError(f"{name}: {error.message}") from error
    raise UsageError(f"{name}: expected a number, true or false, not {value!r}")


def shown(settings: Mapping[str, Any]) -> str:
    """Settings as a person writes them: `width=0.5 resolution=128`."""
    return " ".join(f"{name}={show(value)}" for name, value in settings.items())


def plain_settings(settings: Settings) -> dict[str, float | int | bool]:
    """Settings as every format can write them."""
    return {name: plain_number(value) for name, value in settings.items()}


def plain_number(value: object) -> float | int | bool:
    """A fraction as a float; what is whole stays so."""
    return value if isinstance(value, int) else float(value)  # type: ignore[arg-type]


def _constant(setting: str, text: str) -> Any:
    try:
        return compile_expression(text.strip()).run({})
    except ExpressionError as error:
        hint = "sepconv sweep takes ranges" if ":" in text else "a number, such as 0.5"
        raise UsageError(f"--set {setting}: {error.message}", hint) from error
