"""Fits to parts of the tables: what the figures and the profiles are made of."""

from collections.abc import Sequence

from benchmarks.latency.tables import Point, Table
from sepconv_cli.latency.fit import TimedNetwork, fitted
from sepconv_cli.latency.prior import Prior, plain_prior, prior_over

Coefficients = dict[str, float]


def measured(points: Sequence[Point]) -> list[TimedNetwork]:
    """What was measured of some points."""
    return [each.measured for each in points]


def usual(tables: Sequence[Table]) -> dict[str, Coefficients]:
    """Of every table the numbers of its known half of convolutional networks, without a prior."""
    return {each.name: fitted(measured(each.known()), plain_prior()) for each in tables}


def prior_without(table: Table, tables: Sequence[Table], known: dict[str, Coefficients]) -> Prior:
    """What is usual on the other devices: all tables of this one are left out.

    A processor is unlike graphics cards: of them little is believed but which numbers go together.
    """
    others = [each for each in tables if each.device not in (table.device, "10940x")]
    alike = [known[each.name] for each in others if each.compiled == table.compiled]
    numbers = [known[each.name] for each in others]
    if table.device == "10940x":
        return prior_over(alike, numbers, scatter=1.0, overall=3.0)
    return prior_over(alike, numbers)
