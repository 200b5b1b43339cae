"""What YAML 1.1 makes of a plain word that isn't a string, and which of it is refused."""

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

from sepconv_cli.language.numbers import MAX_VALUE

MAX_DIGITS = 30
_NUMBER = "a number has decimal digits; in quotes it is text"


class Misread(Exception):
    """A word that YAML reads otherwise than its author meant it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@lru_cache(maxsize=1024)
def read_integer(text: str) -> int:
    """`10` and `1_000`, but neither 010 nor 0x10 nor 1:30."""
    digits = text.lstrip("+-").replace("_", "")
    if ":" in text:
        raise Misread(f"YAML reads {text} as a number in base 60", _NUMBER)
    if not (digits.isascii() and digits.isdigit()):
        raise Misread(f"YAML reads {text} as hexadecimal or binary", _NUMBER)
    if len(digits) > 1 and digits[0] == "0":
        raise Misread(f"YAML reads {text} as octal", f"write {digits.lstrip('0') or '0'}")
    if len(digits) > MAX_DIGITS or int(digits) > MAX_VALUE:
        raise Misread(f"a number larger than {MAX_VALUE:.0e}")
    return -int(digits) if text.startswith("-") else int(digits)


def decimal(text: str) -> int | Fraction:
    """`0.25` and `1.5e+3` exactly; neither infinite nor in base 60."""
    if len(text) > MAX_DIGITS or len(text.lower().partition("e")[2]) > 3:
        raise Misread("a number of too many digits")
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        what = "as a number in base 60" if ":" in text else "not as a finite number"
        raise Misread(f"YAML reads {text} {what}", _NUMBER) from None
    if abs(value) > MAX_VALUE:
        raise Misread(f"a number larger than {MAX_VALUE:.0e}")
    return int(value) if value.denominator == 1 else value


def boolean(text: str) -> bool:
    """`true` and `false`, but neither yes nor off."""
    lower = text.lower()
    if lower in ("true", "false"):
        return lower == "true"
    meant = "true" if lower in ("yes", "on") else "false"
    raise Misread(f"YAML reads {text} as a boolean", f'write {meant}, or "{text}" for text')


def _date(text: str) -> None:
    raise Misread(f"YAML reads {text} as a date", f'write "{text}" for text')


def _merge(text: str) -> None:
    raise Misread(f"{text} merges keys, which is not read", "use a block with parameters")


SCALARS: dict[str, Callable[[str], int | Fraction | bool | None]] = {
    "int": read_integer,
    "float": decimal,
    "bool": boolean,
    "null": lambda text: None,
    "timestamp": _date,
    "merge": _merge,
}
"""What each of YAML's tags is read by."""
