"""Counts worked out by hand, each with its sum."""

import pytest

from sepconv_cli.network import Op, Tensor, Work
from sepconv_cli.ops.batch_norm import BatchNorm
from sepconv_cli.ops.conv import Conv
from sepconv_cli.ops.global_avg_pool import GlobalAvgPool
from sepconv_cli.ops.linear import Linear
from sepconv_cli.ops.max_pool import MaxPool
from sepconv_cli.ops.relu6 import Relu6
from tests.examples import conv


@pytest.mark.parametrize(
    ("op", "x", "y", "parameters", "work"),
    [
        pytest.param(
            conv(2, 128, (3, 3)),
            Tensor(3, (7, 7)),
            Tensor(128, (5, 5)),
            128 * 3 * 9 + 128,
            [("multiply_add", "kernel", 86_400), ("add", "bias", 3_200)],
            id="5x5 positions, 128 channels, 3 x 3 x 3 products each",
        ),
        pytest.param(
            conv(1, 4, (3,), stride=(2,), dilation=(2,), groups=2, bias=False),
            Tensor(6, (10,)),
            Tensor(4, (3,)),
            4 * 3 * 3,
            [("multiply_add", "kernel", 4 * 3 * 3 * 3)],
            id="a kernel of 3 dilated by 2 reaches 5; (10 - 5) // 2 + 1 = 3 positions",
        ),
        pytest.param(
            Linear(out_features=10),
            Tensor(32),
            Tensor(10),
            330,
            [("multiply_add", "kernel", 320), ("add", "bias", 10)],
            id="linear 32 to 10",
        ),
        pytest.param(
            BatchNorm(),
            Tensor(32, (8, 8)),
            Tensor(32, (8, 8)),
            64,
            [("multiply_add", "norm", 2048), ("multiply_add", "norm", 2048)],
            id="one multiply-add to normalise and one for the affine map",
        ),
        pytest.param(
            BatchNorm(affine=False),
            Tensor(32, (8, 8)),
            Tensor(32, (8, 8)),
            0,
            [("multiply_add", "norm", 2048)],
            id="no affine map, no parameters",
        ),
        pytest.param(
            Relu6(),
            Tensor(2, (3,)),
            Tensor(2, (3,)),
            0,
            [("compare", "activation", 12)],
            id="relu6 compares twice",
        ),
        pytest.param(
            MaxPool(kernel_size=(2, 2), padding=(0, 0), dilation=(1, 1)),
            Tensor(1, (4, 4)),
            Tensor(1, (2, 2)),
            0,
            [("compare", "pool", 12)],
            id="the largest of four takes three comparisons",
        ),
        pytest.param(
            GlobalAvgPool(),
            Tensor(2, (3, 3)),
            Tensor(2, (1, 1)),
            0,
            [("add", "pool", 16), ("divide", "pool", 2)],
            id="nine numbers take eight additions",
        ),
    ],
)
def test_by_hand(
    op: Op, x: Tensor, y: Tensor, parameters: int, work: list[tuple[str, str, int]]
) -> None:
    assert op.output_shape(x) == y
    assert op.parameters(x) == parameters
    assert [(item.kind, item.role, item.amount) for item in op.work(x, y)] == work


def test_counts_are_exact_far_over_64_bits() -> None:
    side = 10**12
    op = conv(2, 10**9, (1, 1), bias=False)
    x = Tensor(10**9, (side, side))
    assert list(op.work(x, op.output_shape(x))) == [Work("multiply_add", "kernel", 10**42)]


@pytest.mark.parametrize(
    ("op", "x", "expected"),
    [
        pytest.param(
            conv(2, 8, (9, 3)),
            Tensor(3, (7, 7)),
            "the kernel is larger than its input: 9 on the height of 7",
            id="kernel over the input",
        ),
        pytest.param(
            conv(1, 8, (3,), padding=((1, 0),), dilation=(4,)),
            Tensor(3, (7,)),
            "the kernel is larger than its input: "
            "3 (dilated by 4: 9) on the length of 7 plus padding 1 + 0",
            id="a dilated kernel over the padded input",
        ),
        pytest.param(
            conv(2, 8, (1, 1), groups=3),
            Tensor(3, (7, 7)),
            "groups 3 does not divide the 8 out_channels",
            id="groups",
        ),
        pytest.param(
            conv(1, 8, (3,), padding=((4, 4),), padding_mode="reflect"),
            Tensor(8, (4,)),
            "reflect padding of 4 needs an input of at least 5, but it has 4",
            id="torch reflects only what is there",
        ),
        pytest.param(
            conv(2, 8, (1, 1)),
            Tensor(3),
            "conv needs an input with spatial axes, but 3 (flat) arrives",
            id="conv after flatten",
        ),
        pytest.param(
            Linear(out_features=2),
            Tensor(3, (2, 2)),
            "linear needs a flat input, but 3x2x2 arrives",
            id="linear before flatten",
        ),
        pytest.param(
            MaxPool(kernel_size=(2,), padding=(2,), dilation=(1,)),
            Tensor(3, (9,)),
            "padding 2 is more than half of the kernel of 2",
            id="torch pads a pool by half of its kernel at most",
        ),
    ],
)
def test_complaints(op: Conv, x: Tensor, expected: str) -> None:
    assert [complaint.message for complaint in op.check(x)] == [expected]
