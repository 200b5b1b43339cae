"""The count is the context's convention's; what isn't counted is none, and never 0."""

from sepconv_cli import loads
from sepconv_cli.conventions import convention
from sepconv_cli.lowering.lower import lower
from sepconv_cli.metrics import Amounts, Context, Scope, metric
from tests.metrics import NET, each_layer, number


def test_by_hand() -> None:
    """ReLU's comparisons are no multiplications: not counted. Flatten does nothing, which is 0."""
    assert each_layer("count", NET) == [25 * 8 * 27, None, None, 0, 2000]
    assert number("count", NET) == 5400 + 2000


def test_it_follows_the_convention_and_a_conventions_name_does_not() -> None:
    """Torch counts a multiply-add as two FLOPs."""
    amounts, whole = Amounts(Context(convention("torch"))), Scope(lower(loads(NET)))
    assert amounts.number("count", whole) == amounts.number("torch", whole) == 2 * 7400
    assert amounts.number("macs", whole) == 7400
    assert (amounts.metric("count").unit, metric("macs").unit) == ("FLOPs", "MACs")


def test_what_is_not_comparable_has_no_number_but_a_reason() -> None:
    """ptflops counts attention by how it is written, so that there is no sum it is part of."""
    text = "input: [4, 5]\nlayers: [{multi_head_attention: {num_heads: 2}, name: heads}, relu]\n"
    amounts, whole = Amounts(Context(convention("ptflops"))), Scope(lower(loads(text)))
    assert amounts.number("count", whole) is None
    assert amounts.why_not("count", whole).startswith("heads: ")
    assert amounts.number("count", whole.layers()["relu"]) is not None
    assert amounts.number("parameters", whole) == 4 * 16 + 4 * 4
