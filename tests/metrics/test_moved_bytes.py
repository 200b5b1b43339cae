"""Moved bytes by hand: weights, inputs and outputs of each op."""

from tests.metrics import NET, each_layer, number


def test_by_hand() -> None:
    """Flatten hands on what it reads, and moves nothing."""
    by_hand = [224 + 147 + 200, 16 + 200 + 200, 200 + 200, 0, 2000 + 200 + 10]
    assert each_layer("moved_bytes", NET, 1) == by_hand
    assert number("moved_bytes", NET, 2) == 2 * sum(by_hand)


def test_a_merge_reads_all_of_its_inputs() -> None:
    """ReLU reads and writes 16; the addition reads 16 twice and writes 16."""
    assert number("moved_bytes", "input: [4, 2, 2]\nlayers: [residual: [relu]]\n", 1) == 32 + 48


def test_a_branch_of_one_position_is_read_as_it_is() -> None:
    """The pool reads 16 and writes 4; the product reads 16 and 4 and writes 16."""
    text = """
input: [4, 2, 2]
layers:
  - parallel: {branches: [[{identity: }], [global_avg_pool]], merge: multiply}
"""
    assert number("moved_bytes", text, 1) == 20 + 36


def test_identity_and_dropout_move_nothing() -> None:
    assert number("moved_bytes", "input: [4, 2, 2]\nlayers: [identity, dropout]\n") == 0
