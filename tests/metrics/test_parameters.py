"""Parameters by hand: weights, biases, two of a batch norm's channel."""

from tests.metrics import NET, each_layer, number


def test_by_hand() -> None:
    assert each_layer("parameters", NET) == [8 * 27 + 8, 2 * 8, 0, 0, 200 * 10]
    assert number("parameters", NET) == 224 + 16 + 2000
