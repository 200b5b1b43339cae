"""Peak bytes by hand; more of it, tensor by tensor, is in tests/cost/test_memory.py."""

from tests.metrics import NET, each_layer, number


def test_by_hand() -> None:
    """147 in, 200 out; norm and ReLU read and write 200, flatten is a view of it."""
    assert each_layer("peak_activation_bytes", NET, 1) == [347, 400, 400, 200, 210]
    assert number("peak_activation_bytes", NET, 4) == 1600


def test_a_network_without_nodes_holds_its_input() -> None:
    text = "input: [4, 2, 2]\nlayers: [{relu: , when: false}]\n"
    assert number("peak_activation_bytes", text, 1) == number("folded_peak_bytes", text, 1) == 16
