"""Activations, norms, interpolation and recurrent layers: counts worked out by hand."""

from collections.abc import Callable
from fractions import Fraction

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from sepconv_cli.network import Op, Tensor
from sepconv_cli.ops._recurrent import Recurrent
from sepconv_cli.ops.affine import Affine
from sepconv_cli.ops.clamp import Clamp
from sepconv_cli.ops.exp import Exp
from sepconv_cli.ops.glu import Glu
from sepconv_cli.ops.gru import Gru
from sepconv_cli.ops.interpolate import Interpolate
from sepconv_cli.ops.layer_norm import LayerNorm
from sepconv_cli.ops.local_response_norm import LocalResponseNorm
from sepconv_cli.ops.log_softmax import LogSoftmax
from sepconv_cli.ops.lstm import Lstm
from sepconv_cli.ops.mish import Mish
from sepconv_cli.ops.power import Power
from sepconv_cli.ops.rms_norm import RmsNorm
from sepconv_cli.ops.rnn import Rnn
from sepconv_cli.ops.softmax import Softmax

PLANE = Tensor(6, (9, 12))
SEQUENCE = Tensor(7, (4,))
"""Seven steps of four features."""


def case(
    name: str, op: Op, x: Tensor, y: Tensor, *work: tuple[str, str, int], parameters: int = 0
) -> object:
    return pytest.param(op, x, y, parameters, list(work), id=name)


@pytest.mark.parametrize(
    ("op", "x", "y", "parameters", "work"),
    [
        case("one each", Exp(), PLANE, PLANE, ("transcendental", "activation", 648)),
        case("both", Affine(scale=2, shift=1), PLANE, PLANE, ("multiply_add", "activation", 648)),
        case("a sign is a factor", Affine(scale=-1), PLANE, PLANE, ("multiply", "activation", 648)),
        case("a summand", Affine(shift=1), PLANE, PLANE, ("add", "activation", 648)),
        case("neither", Affine(), PLANE, PLANE),
        case("a square", Power(exponent=2), PLANE, PLANE, ("multiply", "activation", 648)),
        case("a cube", Power(exponent=3), PLANE, PLANE, ("multiply", "activation", 1296)),
        case("one over x", Power(exponent=-1), PLANE, PLANE, ("divide", "activation", 648)),
        case("a root", Power(exponent=0.5), PLANE, PLANE, ("transcendental", "activation", 648)),
        case("one bound", Clamp(min=0), PLANE, PLANE, ("compare", "activation", 648)),
        case("two bounds", Clamp(min=0, max=0.0), PLANE, PLANE, ("compare", "activation", 1296)),
        case(
            "exp, log, tanh, 1 + and x times",
            Mish(),
            PLANE,
            PLANE,
            ("transcendental", "activation", 3 * 648),
            ("add", "activation", 648),
            ("multiply", "activation", 648),
        ),
        case(
            "half of 12 columns gates the others",
            Glu(axis=2),
            PLANE,
            Tensor(6, (9, 6)),
            ("transcendental", "activation", 324),
            ("multiply", "activation", 324),
        ),
        case(
            "shares over 12 columns, 54 times",
            Softmax(axis=2),
            PLANE,
            PLANE,
            ("compare", "activation", 54 * 11),
            ("add", "activation", 54 * (12 + 11)),
            ("transcendental", "activation", 648),
            ("divide", "activation", 648),
        ),
        case(
            "the logarithm of the sum is taken away",
            LogSoftmax(),
            PLANE,
            PLANE,
            ("compare", "activation", 108 * 5),
            ("add", "activation", 108 * (6 + 5 + 6)),
            ("transcendental", "activation", 648 + 108),
        ),
        case(
            "6 means and roots over 9 x 12",
            LayerNorm(normalized_shape=(9, 12)),
            PLANE,
            PLANE,
            ("add", "norm", 2 * 648 - 6),
            ("multiply_add", "norm", 648),
            ("divide", "norm", 12),
            ("transcendental", "norm", 6),
            ("multiply", "norm", 648),
            ("multiply_add", "norm", 648),
            parameters=2 * 108,
        ),
        case(
            "54 roots over 12 columns",
            RmsNorm(normalized_shape=(12,)),
            PLANE,
            PLANE,
            ("multiply_add", "norm", 648),
            ("divide", "norm", 54),
            ("transcendental", "norm", 54),
            ("multiply", "norm", 648),
            ("multiply", "norm", 648),
            parameters=12,
        ),
        case(
            "squares of 5 channels summed, divided, scaled, raised and divided by",
            LocalResponseNorm(size=5),
            PLANE,
            PLANE,
            ("multiply", "norm", 648),
            ("add", "norm", 4 * 648),
            ("divide", "norm", 2 * 648),
            ("multiply_add", "norm", 648),
            ("transcendental", "norm", 648),
        ),
        case(
            "4 x 4 neighbours, sizes rounded down",
            Interpolate(scale_factor=(Fraction(3, 2), Fraction(1, 5)), mode="bicubic"),
            PLANE,
            Tensor(6, (13, 2)),
            ("multiply_add", "pool", 16 * 6 * 13 * 2),
        ),
        case(
            "2 x 2 x 2 neighbours",
            Interpolate(size=(2, 3, 4), mode="trilinear"),
            Tensor(2, (4, 4, 4)),
            Tensor(2, (2, 3, 4)),
            ("multiply_add", "pool", 8 * 2 * 24),
        ),
        case("a copy", Interpolate(size=(1, 30), mode="nearest-exact"), PLANE, Tensor(6, (1, 30))),
        case(
            "means of 3 x 4",
            Interpolate(size=(3, 3), mode="area"),
            PLANE,
            Tensor(6, (3, 3)),
            ("add", "pool", 54 * 11),
            ("divide", "pool", 54),
        ),
        case(
            "7 steps of 4 gates of 5: 4 inputs and 5 hidden",
            Lstm(hidden_size=5),
            SEQUENCE,
            Tensor(7, (5,)),
            ("multiply_add", "kernel", 7 * 20 * 9),
            ("add", "bias", 7 * 2 * 20),
            ("add", "merge", 7 * 20),
            ("transcendental", "activation", 7 * 5 * 5),
            ("multiply", "activation", 7 * 2 * 5),
            ("multiply_add", "activation", 7 * 5),
            parameters=20 * 9 + 2 * 20,
        ),
        case(
            "the second of two layers reads both directions of the first",
            Gru(hidden_size=5, num_layers=2, bidirectional=True, bias=False),
            SEQUENCE,
            Tensor(7, (10,)),
            ("multiply_add", "kernel", 7 * 2 * 15 * ((4 + 5) + (10 + 5))),
            ("add", "merge", 7 * 4 * 2 * 5),
            ("transcendental", "activation", 7 * 4 * 3 * 5),
            ("add", "activation", 7 * 4 * 5),
            ("multiply", "activation", 7 * 4 * 5),
            ("multiply_add", "activation", 7 * 4 * 2 * 5),
            parameters=2 * 15 * ((4 + 5) + (10 + 5)),
        ),
        case(
            "one gate",
            Rnn(hidden_size=5),
            SEQUENCE,
            Tensor(7, (5,)),
            ("multiply_add", "kernel", 7 * 5 * 9),
            ("add", "bias", 7 * 2 * 5),
            ("add", "merge", 7 * 5),
            ("transcendental", "activation", 7 * 5),
            parameters=5 * 9 + 2 * 5,
        ),
    ],
)
def test_by_hand(
    op: Op, x: Tensor, y: Tensor, parameters: int, work: list[tuple[str, str, int]]
) -> None:
    assert list(op.check(x)) == []
    assert op.output_shape(x) == y
    assert op.parameters(x) == parameters
    assert [(item.kind, item.role, item.amount) for item in op.work(x, y)] == work


@pytest.mark.parametrize(
    ("op", "x", "expected"),
    [
        (Glu(), Tensor(7), "axis 0 of 7 has no two halves"),
        (Softmax(axis=1), Tensor(7), "7 has no axis 1"),
        (Clamp(), PLANE, "clamp needs min, max or both"),
        (
            Lstm(hidden_size=3),
            PLANE,
            "lstm needs an input of length x features, but 6x9x12 arrives",
        ),
        (
            RmsNorm(normalized_shape=(9, 11)),
            PLANE,
            "normalized_shape is [9, 11], but the last 2 axes of 6x9x12 are [9, 12]",
        ),
        (
            LayerNorm(normalized_shape=(6,)),
            PLANE,
            "normalized_shape is 6, but the last axis of 6x9x12 is 12",
        ),
        (Interpolate(mode="area"), PLANE, "interpolate needs either size or scale_factor"),
        (
            Interpolate(size=(3, 3), mode="linear"),
            PLANE,
            "mode linear is for 1 spatial axes, but 6x9x12 has 2",
        ),
        (
            Interpolate(size=(3, 3), align_corners=True),
            PLANE,
            "mode nearest has no corners to align",
        ),
        (
            Interpolate(scale_factor=(Fraction(1, 10), Fraction(1))),
            PLANE,
            "nothing is left of a length of 9",
        ),
        (
            LocalResponseNorm(size=3),
            Tensor(6),
            "local_response_norm needs an input with spatial axes, but 6 (flat) arrives",
        ),
    ],
    ids=str,
)
def test_complaints(op: Op, x: Tensor, expected: str) -> None:
    assert [complaint.message for complaint in op.check(x)] == [expected]


def test_a_size_that_torch_rounds_down_once_more() -> None:
    """100 times 0.29 is 28.999999999999996 in floating point, of which torch makes 28."""
    op = Interpolate(scale_factor=(Fraction(29, 100),))
    assert nn.functional.interpolate(torch.zeros(1, 1, 100), scale_factor=0.29).shape[2] == 28
    (complaint,) = op.check(Tensor(1, (100,)))
    assert complaint.message == "100 times 0.29 is another size in floating point"
    assert complaint.hint == "write the size: 29"
    assert list(op.check(Tensor(1, (99,)))) == []


@pytest.mark.filterwarnings("ignore:TF32")
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_recurrent_products_are_those_that_torch_dispatches(
    kind: Callable[..., nn.RNNBase], layers: int, bidirectional: bool
) -> None:
    """Step by step, where no fused operator hides them."""
    ops: dict[object, type[Recurrent]] = {nn.LSTM: Lstm, nn.GRU: Gru, nn.RNN: Rnn}
    op = ops[kind](hidden_size=5, num_layers=layers, bidirectional=bidirectional)
    module = kind(4, 5, layers, bidirectional=bidirectional, batch_first=True)
    counter = FlopCounterMode(display=False)
    with torch.backends.mkldnn.flags(enabled=False), torch.no_grad(), counter:
        module(torch.zeros(1, 7, 4))
    products = next(op.work(SEQUENCE, op.output_shape(SEQUENCE)))
    assert 2 * products.amount == counter.get_total_flops()
    assert op.parameters(SEQUENCE) == sum(p.numel() for p in module.parameters())
