"""The names of layers that recur in a list."""

import pytest

from sepconv_cli.lowering.naming import numbered


@pytest.mark.parametrize(
    ("bases", "repeats", "names"),
    [
        (["conv", "relu"], [1, 1], [["conv"], ["relu"]]),
        (["conv", "conv"], [1, 1], [["conv_1"], ["conv_2"]]),
        (["stage1"], [2], [["stage1_1", "stage1_2"]]),
        (["0", "1"], [1, 3], [["0"], ["1", "2", "3"]]),
        (["relu"], [0], [[]]),
        # What another layer is called is passed over.
        (["conv", "conv_1", "conv"], [1, 1, 1], [["conv_2"], ["conv_1"], ["conv_3"]]),
        (["0", "1"], [3, 1], [["0", "2", "3"], ["1"]]),
        # No number that counts up: a leading zero, another script, one too long to be meant.
        (["007"], [2], [["007_1", "007_2"]]),
        (["\u0661"], [2], [["\u0661_1", "\u0661_2"]]),
        (["9" * 5000], [2], [["9" * 5000 + "_1", "9" * 5000 + "_2"]]),
    ],
)
def test_recurring_layers_are_numbered(
    bases: list[str], repeats: list[int], names: list[list[str]]
) -> None:
    assert numbered(bases, repeats) == names
