"""Amounts: exact, with SI and binary prefixes, and a unit that fits."""

from fractions import Fraction

import pytest

from sepconv_cli.language.amounts import BYTES, FLOPS, MACS, NONE, AmountError, amount, share


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (300, NONE, 300),
        ("300M", MACS, 300_000_000),
        ("300 M", MACS, 300_000_000),
        ("0.3G", MACS, 300_000_000),
        ("300 MMACs", MACS, 300_000_000),
        ("1.1k", NONE, 1_100),
        ("1K", NONE, 1_000),
        ("64Ki", NONE, 65_536),
        ("64KiB", BYTES, 65_536),
        ("1.5MiB", BYTES, 1_572_864),
        ("64kB", BYTES, 64_000),
        ("65536", BYTES, 65_536),
        ("65536B", BYTES, 65_536),
        ("300 MACs", MACS, 300),
        ("1MMACs", MACS, 1_000_000),
        ("1.5 MACs/byte", "MACs/byte", Fraction(3, 2)),
        ("1.5", "MACs/byte", Fraction(3, 2)),
        ("1e6", NONE, 1_000_000),
        ("3.5e8", MACS, 350_000_000),
        ("4,231,976", NONE, 4_231_976),
        ("4_231_976", NONE, 4_231_976),
        ("2T", FLOPS, 2_000_000_000_000),
        ("0.1", NONE, Fraction(1, 10)),
        (Fraction(3, 20), NONE, Fraction(3, 20)),
        (0, NONE, 0),
    ],
)
def test_amounts_are_exact(value: object, unit: str, expected: Fraction) -> None:
    assert amount(value, unit) == expected


@pytest.mark.parametrize(
    ("value", "unit", "message"),
    [
        ("64KiB", MACS, "64KiB is in bytes, but this counts in MACs"),
        ("64KiB", NONE, "64KiB is in bytes, but this counts in plain numbers"),
        ("300 MMACs", FLOPS, "300 MMACs is in MACs, but this counts in FLOPs"),
        ("300M", BYTES, "300M of what?"),
        ("64K", BYTES, "64K of what?"),
        ("1.5B", NONE, "1.5B is in bytes, but this counts in plain numbers"),
        ("a lot", MACS, "a lot is no amount"),
        ("3 m", MACS, "3 m is no amount"),
        ("", MACS, " is no amount"),
        ("-3", MACS, "-3 is no amount"),
        (-3, MACS, "-3 is below zero"),
        (True, MACS, "true is no amount"),
        ("1e999", MACS, "1e999 is no amount"),
        ("nan", MACS, "nan is no amount"),
    ],
)
def test_what_is_no_amount(value: object, unit: str, message: str) -> None:
    with pytest.raises(AmountError) as error:
        amount(value, unit)
    assert error.value.message == message


@pytest.mark.parametrize(("value", "expected"), [("1%", 1), ("0.5 %", Fraction(1, 2)), (2, 2)])
def test_percentages(value: object, expected: Fraction) -> None:
    assert share(value) == expected


@pytest.mark.parametrize("value", ["1k%%", "some", "1KiB"])
def test_what_is_no_percentage(value: object) -> None:
    with pytest.raises(AmountError, match="no percentage"):
        share(value)
