"""The figures that specs of the zoo are held to, with what is set in them."""

from typing import NamedTuple

from sepconv_cli.lowering.settings import Settings, grid
from tests.published import rows


class Figure(NamedTuple):
    """What a spec of the zoo costs in a variant, with parameters of it set.

    `spec` is its name in the zoo, with the folder. `activations` are elements of the outputs of
    convolutions and linear layers, None where the source doesn't say.
    """

    spec: str
    variant: str
    settings: Settings
    parameters: int
    macs: int
    activations: int | None = None


def figures(table: str) -> list[Figure]:
    """The rows of zoo.csv or published.csv."""
    return [_figure(row) for row in rows(table)]


def _figure(row: dict[str, str]) -> Figure:
    (settings,) = grid(row["settings"].split())
    return Figure(row["spec"], row["variant"], settings, int(row["params"]), int(row["macs"]))
