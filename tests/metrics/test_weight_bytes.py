"""Weight bytes by hand: 2240 parameters."""

import pytest

from tests.metrics import NET, each_layer, number


@pytest.mark.parametrize("size", [1, 2, 4])
def test_by_hand(size: int) -> None:
    assert number("weight_bytes", NET, size) == 2240 * size
    assert each_layer("weight_bytes", NET, size)[0] == 224 * size
