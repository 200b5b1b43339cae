"""Activation bytes by hand: 210 activations."""

import pytest

from tests.metrics import NET, number


@pytest.mark.parametrize("size", [1, 2, 4])
def test_by_hand(size: int) -> None:
    assert number("activation_bytes", NET, size) == 210 * size
