"""Amounts as people write them: `300M`, `64KiB`, `1.5e6`, `1%`, each with a unit that fits.

Values are exact fractions. What an amount is compared with is budget/'s business.
"""

import re
from collections.abc import Mapping
from fractions import Fraction

from sepconv_cli.errors import show

_NUMBER = re.compile(
    # A comma stands between thousands; a decimal one would be another number.
    r"(?P<number>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9][0-9_]*)(?:\.[0-9]+)?(?:e\+?[0-9]{1,2})?)\s*"
    # The M of MACs is no prefix.
    r"(?P<prefix>(?!MACs?(?:/|$))[kKMGT]i?)?\s*(?P<unit>[A-Za-zµμ%/]*)"
)
_POWERS = {"": 0, "k": 1, "K": 1, "M": 2, "G": 3, "T": 4}
BYTES, MACS, FLOPS, TIME, NONE = "bytes", "MACs", "FLOPs", "ms", "a plain number"
_TIMES: Mapping[str, Fraction] = {
    "us": Fraction(1, 1000),
    "µs": Fraction(1, 1000),  # the micro sign
    "μs": Fraction(1, 1000),
    "ms": Fraction(1),
    "s": Fraction(1000),
}
"""Milliseconds in each unit of time."""
_UNITS: Mapping[str, str] = {
    "": NONE,
    "B": BYTES,
    "MAC": MACS,
    "MACs": MACS,
    "FLOP": FLOPS,
    "FLOPs": FLOPS,
    **dict.fromkeys(_TIMES, TIME),
}


class AmountError(Exception):
    """Text that isn't an amount, or is one in another unit."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def amount(value: object, unit: str) -> Fraction:
    """A number of that unit: BYTES, MACS, FLOPS, TIME, NONE, or a metric's own. Raises AmountError.

    k, M, G and T are powers of 1000, Ki, Mi, Gi and Ti of 1024. A number without a unit is
    in the one that is wanted, but bytes with a prefix say B: kB or KiB.
    """
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        return _positive(Fraction(value), show(value))
    text = value if isinstance(value, str) else show(value)
    found = _NUMBER.fullmatch(text.strip())
    if found is None or found["unit"] not in (*_UNITS, unit):
        raise AmountError(f"{text} is no amount", f"such as {_example(unit)}")
    prefix, given = found["prefix"] or "", _UNITS.get(found["unit"], unit)
    if given not in (NONE, unit):
        raise AmountError(f"{text} is in {given}, but this counts in {_named(unit)}", None)
    if unit == TIME and prefix:
        raise AmountError(f"{text} is no amount", f"such as {_example(unit)}")
    if unit == BYTES and prefix and given == NONE:
        raise AmountError(f"{text} of what?", f"write {text}B, which is bytes")
    base = 1024 if prefix.endswith("i") else 1000
    number = Fraction(re.sub("[,_]", "", found["number"])) * _TIMES.get(found["unit"], 1)
    return _positive(number * base ** _POWERS[prefix.rstrip("i")], text)


def share(value: object) -> Fraction:
    """A percentage, such as `1%` or 1. Raises AmountError."""
    text = value.removesuffix("%").strip() if isinstance(value, str) else value
    try:
        return amount(text, NONE)
    except AmountError:
        raise AmountError(f"{show(value)} is no percentage", "such as 1%") from None


def _positive(number: Fraction, text: str) -> Fraction:
    if number < 0:
        raise AmountError(f"{text} is below zero")
    return number


def _example(unit: str) -> str:
    known = {
        BYTES: "64KiB or 1.5MB",
        MACS: "300M or 1.5G",
        FLOPS: "600M or 3G",
        TIME: "12 ms or 800 us",
        NONE: "4.2M",
    }
    return known.get(unit, "1.5")


def _named(unit: str) -> str:
    return "plain numbers" if unit == NONE else unit
