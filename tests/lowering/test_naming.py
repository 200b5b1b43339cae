"""Names of the layers of a list."""

import pytest

from sepconv_cli.lowering.naming import numbered


@pytest.mark.parametrize(
    ("bases", "repeats", "names"),
    [
        (["conv", "relu"], [1, 1], [["conv"], ["relu"]]),
        (["conv", "conv"], [1, 1], [["conv_1"], ["conv_2"]]),
        (["conv", "conv_1"], [2, 1], [["conv_2", "conv_3"], ["conv_1"]]),
        (["0", "3"], [3, 1], [["0", "1", "2"], ["3"]]),
        (["2", "head"], [2, 2], [["2", "3"], ["head_1", "head_2"]]),
        (["0", "1"], [2, 1], [["0", "2"], ["1"]]),
        (["0"], [0], [[]]),
    ],
    ids=str,
)
def test_names(bases: list[str], repeats: list[int], names: list[list[str]]) -> None:
    """A number counts up, past those that are taken; every other name gets a number."""
    assert numbered(bases, repeats) == names
