"""Activations by hand: what convolutions and linear layers put out."""

from tests.metrics import NET, each_layer, number


def test_by_hand() -> None:
    assert each_layer("activations", NET) == [200, 0, 0, 0, 10]
    assert number("activations", NET) == 210
