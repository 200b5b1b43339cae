"""The zoo away from its defaults: every parameter of every spec, held to a figure from elsewhere.

A new spec needs a row of tests/published/zoo.csv, or a sum in by_hand.py, for each of its
parameters.
"""

from collections.abc import Iterable

import pytest

from sepconv_cli import compare, load
from sepconv_cli.compare.engines import Engine
from sepconv_cli.compare.rows import Row
from sepconv_cli.library.zoo import ZOO_PREFIX, zoo_names
from sepconv_cli.lowering.lower import lower
from sepconv_cli.lowering.settings import Settings, shown
from tests.library.by_hand import BY_HAND
from tests.published.figures import Figure, figures

ZOO = [*figures("zoo.csv"), *BY_HAND]
# What papers print is tested by test_published.py.
FIGURES = [*ZOO, *figures("published.csv")]


def label(figure: Figure) -> str:
    return f"{figure.spec} {figure.variant} {shown(figure.settings)}"


def row(figure: Figure, settings: Settings, engine: Engine = "analytic") -> Row:
    spec = load(ZOO_PREFIX + figure.spec)
    (found,) = compare(spec, grid=[settings], variants=[figure.variant], engine=engine).rows
    return found


def is_of(figure: Figure, row: Row) -> bool:
    """Whether the row has all the numbers that the figure gives."""
    return (row["parameters"], row["count"]) == (figure.parameters, figure.macs) and (
        figure.activations in (None, row["activations"])
    )


@pytest.mark.parametrize("figure", ZOO, ids=label)
def test_figure_by_both_engines(figure: Figure) -> None:
    found = row(figure, figure.settings, "both")
    assert is_of(figure, found), found
    assert (found.traced_parameters, found.traced_count) == (figure.parameters, figure.macs)
    assert found.agrees


def held(figures: Iterable[Figure]) -> set[str]:
    """The parameters that these figures hold away from their defaults.

    One that is set to its default isn't held, nor is one that changes none of the numbers.
    """
    return {
        name
        for figure in figures
        for name in figure.settings
        if not is_of(figure, row(figure, without(name, figure.settings)))
    }


def without(name: str, settings: Settings) -> Settings:
    return {other: value for other, value in settings.items() if other != name}


@pytest.mark.parametrize("name", zoo_names())
def test_every_parameter_of_a_spec_is_held_away_from_its_default(name: str) -> None:
    parameters = set(load(ZOO_PREFIX + name).parameters)
    assert held(figure for figure in FIGURES if figure.spec == name) == parameters


@pytest.mark.parametrize(
    "figure",
    [
        pytest.param(
            Figure("architectures/resnet", "standard", {"depth": 18}, 11_689_512, 1_814_073_344),
            id="at its default",
        ),
        pytest.param(
            Figure("blocks/qanet_encoder", "standard", {"heads": 4}, 559_872, 263_782_400),
            id="heads change activations alone",
        ),
    ],
)
def test_no_parameter_is_held_by(figure: Figure) -> None:
    assert is_of(figure, row(figure, figure.settings))
    assert not held([figure])


@pytest.mark.parametrize(
    ("name", "settings", "size"),
    [
        pytest.param("u_net", {"resolution": 64, "classes": 5}, "5x64x64", id="u_net"),
        pytest.param("bsrn", {"resolution": 20, "scale": 3}, "3x60x60", id="bsrn"),
    ],
)
def test_size_of_the_output(name: str, settings: Settings, size: str) -> None:
    network = lower(load(ZOO_PREFIX + name), settings)
    assert str(network.nodes[-1].y) == size
