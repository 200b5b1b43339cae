"""verify() catches a network whose shapes don't fit together."""

import pytest

from sepconv_cli.network import Network, Node, Tensor, verify
from sepconv_cli.ops.flatten import Flatten
from sepconv_cli.ops.relu import Relu

X = Tensor(2, (3, 3))


def test_what_fits_passes() -> None:
    verify(Network(X, (Node("a", "a", Relu(), X, X), Node("b", "b", Flatten(), X, Tensor(18)))))


def test_a_node_that_reads_another_shape() -> None:
    with pytest.raises(ValueError, match="b: reads 2x3x3, but 18 arrives"):
        verify(Network(X, (Node("a", "a", Flatten(), X, Tensor(18)), Node("b", "b", Relu(), X, X))))


def test_a_node_that_claims_a_wrong_output() -> None:
    with pytest.raises(ValueError, match="a: writes 2x3x3, but its op makes 18"):
        verify(Network(X, (Node("a", "a", Flatten(), X, X),)))


def test_the_last_node_is_the_output_where_none_is_given() -> None:
    assert Network(X, (Node("a", "a", Relu(), X, X),)).outputs == (0,)
    assert Network(X, ()).outputs == (-1,)


@pytest.mark.parametrize("at", [1, -2])
def test_an_output_is_a_node_or_the_input(at: int) -> None:
    with pytest.raises(ValueError, match=f"an output is node {at}, but the network has 1"):
        verify(Network(X, (Node("a", "a", Relu(), X, X),), (0, at)))
