"""The convention `flops`, which no tool prints, worked out by hand for a few layers."""

import pytest

from sepconv_cli.conventions import Terms, convention
from sepconv_cli.network import Op, Tensor
from sepconv_cli.ops.add import Add
from sepconv_cli.ops.avg_pool import AvgPool
from sepconv_cli.ops.batch_norm import BatchNorm
from sepconv_cli.ops.flatten import Flatten
from sepconv_cli.ops.global_avg_pool import GlobalAvgPool
from sepconv_cli.ops.hard_swish import HardSwish
from sepconv_cli.ops.linear import Linear
from sepconv_cli.ops.max_pool import MaxPool
from sepconv_cli.ops.multiply import Multiply
from sepconv_cli.ops.relu import Relu
from sepconv_cli.ops.sigmoid import Sigmoid
from sepconv_cli.ops.softmax import Softmax
from sepconv_cli.ops.upsample import Upsample
from tests.conventions import alone
from tests.examples import conv, conv_transpose

X = Tensor(32, (8, 8))


@pytest.mark.parametrize(
    ("op", "inputs", "terms"),
    [
        pytest.param(
            conv(2, 128, (3, 3)),
            [Tensor(3, (7, 7))],
            {"multiplications": 86_400, "additions": 86_400, "convolution bias": 3_200},
            id="128 x 5 x 5 sums of 27 products, and a bias to each",
        ),
        pytest.param(
            conv_transpose(2, 16, (2, 2), stride=(2, 2), bias=False),
            [X],
            {"multiplications": 131_072, "additions": 131_072},
            id="2,048 elements, each with 16 x 2 x 2 weights",
        ),
        pytest.param(
            Linear(out_features=10),
            [Tensor(32)],
            {"multiplications": 320, "additions": 320, "linear bias": 10},
            id="ten sums of 32 products",
        ),
        pytest.param(
            BatchNorm(), [X], {"batch norm": 8_192}, id="two multiply-adds for each of 2,048"
        ),
        pytest.param(
            BatchNorm(affine=False), [X], {"batch norm": 4_096}, id="one without the affine map"
        ),
        pytest.param(
            AvgPool(kernel_size=(2, 2), padding=(0, 0)),
            [X],
            {"pools": 512 * 3 + 512},
            id="of four numbers three additions and a division, for 512 windows",
        ),
        pytest.param(
            GlobalAvgPool(),
            [Tensor(2, (3, 3))],
            {"adaptive pools": 2 * 8 + 2},
            id="of nine numbers eight additions and a division, for 2 channels",
        ),
        pytest.param(Add(), [X, X], {"merges": 2_048}, id="a shortcut"),
        pytest.param(Add(), [X, X, X], {"merges": 4_096}, id="two additions join three"),
        pytest.param(
            Multiply(),
            [X, Tensor(32, (1, 1))],
            {"merges": 2_048},
            id="squeeze-and-excitation multiplies every element",
        ),
        pytest.param(
            HardSwish(), [X], {"activations": 3 * 2_048}, id="adds 3, multiplies, divides by 6"
        ),
        pytest.param(
            Softmax(),
            [Tensor(4, (3,))],
            {"activations": 12 + 3 * 3 + 12},
            id="the largest taken away, three additions at 3 positions, a division; no exp",
        ),
        pytest.param(
            Upsample(scale_factor=(2, 2), mode="bilinear"),
            [X],
            {"upsampling": 4 * 2_048 * 4 * 2},
            id="four multiply-adds for each of four times as many",
        ),
        pytest.param(Relu(), [X], None, id="a comparison isn't arithmetic"),
        pytest.param(
            MaxPool(kernel_size=(2, 2), padding=(0, 0), dilation=(1, 1)),
            [X],
            None,
            id="nor is a maximum",
        ),
        pytest.param(Sigmoid(), [X], None, id="nor, here, is an exp"),
        pytest.param(Flatten(), [X], {}, id="nothing to do is nothing, and not unknown"),
    ],
)
def test_by_hand(op: Op, inputs: list[Tensor], terms: Terms | None) -> None:
    (node,) = alone(op, *inputs).nodes
    flops = convention("flops")
    assert flops.terms(node) == terms
    assert flops.count(node) == (None if terms is None else sum(terms.values()))
