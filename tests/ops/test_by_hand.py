"""Counts worked out by hand, each with its sum."""

import pytest

from sepconv_cli.network import Op, Tensor, Work
from sepconv_cli.ops.adaptive_avg_pool import AdaptiveAvgPool
from sepconv_cli.ops.adaptive_max_pool import AdaptiveMaxPool
from sepconv_cli.ops.avg_pool import AvgPool
from sepconv_cli.ops.batch_norm import BatchNorm
from sepconv_cli.ops.channel_shuffle import ChannelShuffle
from sepconv_cli.ops.embedding import Embedding
from sepconv_cli.ops.global_avg_pool import GlobalAvgPool
from sepconv_cli.ops.global_max_pool import GlobalMaxPool
from sepconv_cli.ops.group_norm import GroupNorm
from sepconv_cli.ops.instance_norm import InstanceNorm
from sepconv_cli.ops.linear import Linear
from sepconv_cli.ops.max_pool import MaxPool
from sepconv_cli.ops.multi_head_attention import MultiHeadAttention
from sepconv_cli.ops.pixel_shuffle import PixelShuffle
from sepconv_cli.ops.prelu import Prelu
from sepconv_cli.ops.relu6 import Relu6
from sepconv_cli.ops.upsample import Upsample
from sepconv_cli.ops.zero_pad import ZeroPad
from tests.examples import conv, conv_transpose


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
        pytest.param(
            conv_transpose(1, 4, (3,), stride=(2,), groups=2, output_padding=(1,)),
            Tensor(6, (5,)),
            Tensor(4, (12,)),
            6 * 2 * 3 + 4,
            [("multiply_add", "kernel", 6 * 5 * 2 * 3), ("add", "bias", 4 * 12)],
            id="each of 6 x 5 elements meets 2 channels x 3 weights; (5 - 1) 2 + 3 + 1 = 12",
        ),
        pytest.param(
            conv_transpose(2, 3, (4, 4), stride=(2, 2), padding=(1, 1), bias=False),
            Tensor(8, (7, 7)),
            Tensor(3, (14, 14)),
            8 * 3 * 16,
            [("multiply_add", "kernel", 8 * 49 * 3 * 16)],
            id="a decoder's step: 4 x 4 in steps of 2 doubles the size, (7 - 1) 2 - 2 + 4 = 14",
        ),
        pytest.param(
            GroupNorm(num_groups=2),
            Tensor(4, (3,)),
            Tensor(4, (3,)),
            8,
            [
                ("add", "norm", 2 * 5 + 12),
                ("multiply_add", "norm", 12),
                ("divide", "norm", 4),
                ("transcendental", "norm", 2),
                ("multiply", "norm", 12),
                ("multiply_add", "norm", 12),
            ],
            id="two groups of six: a mean takes five additions, and each element has it taken away",
        ),
        pytest.param(
            AdaptiveMaxPool(output_size=(3,)),
            Tensor(2, (5,)),
            Tensor(2, (3,)),
            0,
            [("compare", "pool", 2 * (1 + 2 + 1))],
            id="three windows on five elements hold 0-1, 1-3 and 3-4",
        ),
        pytest.param(
            Upsample(scale_factor=(2, 3)),
            Tensor(2, (3, 3)),
            Tensor(2, (6, 9)),
            0,
            [],
            id="the nearest is copied",
        ),
        pytest.param(
            Upsample(scale_factor=(2, 3), mode="bilinear"),
            Tensor(2, (3, 3)),
            Tensor(2, (6, 9)),
            0,
            [("multiply_add", "pool", 2 * 54 * 4)],
            id="four neighbours with a weight each",
        ),
        pytest.param(
            MultiHeadAttention(num_heads=2),
            Tensor(8, (5,)),
            Tensor(8, (5,)),
            4 * 8 * 8 + 4 * 8,
            [
                ("multiply_add", "kernel", 4 * 5 * 8 * 8),
                ("add", "bias", 4 * 5 * 8),
                ("multiply_add", "kernel", 2 * 5 * 5 * 8),
                ("multiply", "activation", 5 * 8),
                ("compare", "activation", 2 * 5 * 4),
                ("add", "activation", 2 * 5 * (5 + 4)),
                ("transcendental", "activation", 2 * 5 * 5),
                ("divide", "activation", 2 * 5 * 5),
            ],
            id="four projections, and twice 5 x 5 products of 4 channels in each of two heads",
        ),
        pytest.param(
            Embedding(num_embeddings=100, embedding_dim=8),
            Tensor(5),
            Tensor(8, (5,)),
            800,
            [],
            id="a hundred vectors of 8, of which 5 are looked up",
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
        pytest.param(
            conv_transpose(1, 8, (3,), groups=3),
            Tensor(6, (7,)),
            "groups 3 does not divide the 8 out_channels",
            id="groups of a transposed convolution",
        ),
        pytest.param(
            conv_transpose(2, 8, (3, 3), stride=(2, 2), output_padding=(1, 2)),
            Tensor(6, (7, 7)),
            "output_padding 2 is not smaller than the stride of 2 or the dilation of 1",
            id="torch adds less than a step",
        ),
        pytest.param(
            conv_transpose(2, 8, (2, 3), padding=(3, 1)),
            Tensor(6, (5, 5)),
            "padding leaves a height of 0",
            id="padding takes away (5 - 1) + 2 = 6 rows of 6",
        ),
        pytest.param(
            conv_transpose(1, 8, (3,)),
            Tensor(6),
            "conv_transpose needs an input with spatial axes, but 6 (flat) arrives",
            id="transposed convolution after flatten",
        ),
        pytest.param(
            GroupNorm(num_groups=4),
            Tensor(6, (2,)),
            "num_groups 4 does not divide the 6 channels",
            id="norm groups",
        ),
        pytest.param(
            GroupNorm(num_groups=6),
            Tensor(6, (1, 1)),
            "6x1x1 in 6 groups leaves one element for each, which has no variance",
            id="torch takes no variance of one element",
        ),
        pytest.param(
            InstanceNorm(),
            Tensor(6, (1, 1)),
            "instance_norm needs more than one element in a channel, but 6x1x1 arrives",
            id="nor does it over one position",
        ),
        pytest.param(
            InstanceNorm(),
            Tensor(6),
            "instance_norm needs an input with spatial axes, but 6 (flat) arrives",
            id="instance norm after flatten",
        ),
        pytest.param(
            Prelu(num_parameters=3),
            Tensor(6, (2,)),
            "num_parameters 3 is neither 1 nor the 6 channels",
            id="slopes",
        ),
        pytest.param(
            AdaptiveAvgPool(output_size=(1,)),
            Tensor(6),
            "adaptive_avg_pool needs an input with spatial axes, but 6 (flat) arrives",
            id="adaptive pool after flatten",
        ),
        pytest.param(
            GlobalMaxPool(),
            Tensor(6),
            "global_max_pool needs an input with spatial axes, but 6 (flat) arrives",
            id="global pool after flatten",
        ),
        pytest.param(
            Upsample(scale_factor=(2,)),
            Tensor(6),
            "upsample needs an input with spatial axes, but 6 (flat) arrives",
            id="upsample after flatten",
        ),
        pytest.param(
            Upsample(scale_factor=(2,), mode="bilinear"),
            Tensor(6, (4,)),
            "mode bilinear needs an input with two spatial axes, but 6x4 has 1",
            id="bilinear over one axis",
        ),
        pytest.param(
            PixelShuffle(upscale_factor=2),
            Tensor(6, (4, 4)),
            "upscale_factor 2 needs a multiple of 4 channels, but 6 arrive",
            id="four channels for each pixel",
        ),
        pytest.param(
            PixelShuffle(upscale_factor=2),
            Tensor(8, (4, 4, 4)),
            "pixel_shuffle needs an input with two spatial axes, but 8x4x4x4 has 3",
            id="torch would shuffle another axis",
        ),
        pytest.param(
            ChannelShuffle(groups=4),
            Tensor(6, (4, 4)),
            "groups 4 does not divide the 6 channels",
            id="groups of a shuffle",
        ),
        pytest.param(
            ChannelShuffle(groups=2),
            Tensor(6),
            "channel_shuffle needs an input with spatial axes, but 6 (flat) arrives",
            id="torch shuffles no flat input",
        ),
        pytest.param(
            ZeroPad(padding=((1, 1),)),
            Tensor(6),
            "zero_pad needs an input with spatial axes, but 6 (flat) arrives",
            id="padding after flatten",
        ),
        pytest.param(
            MultiHeadAttention(num_heads=3),
            Tensor(8, (5,)),
            "num_heads 3 does not divide the 8 channels",
            id="heads",
        ),
        pytest.param(
            MultiHeadAttention(num_heads=2),
            Tensor(8, (5, 5)),
            "multi_head_attention needs an input with one spatial axis, but 8x5x5 has 2",
            id="attention over a plane",
        ),
        pytest.param(
            Embedding(num_embeddings=100, embedding_dim=8),
            Tensor(1, (5,)),
            "embedding needs a flat input of indices, but 1x5 arrives",
            id="indices that are not flat",
        ),
    ],
)
def test_complaints(op: Op, x: Tensor, expected: str) -> None:
    assert [complaint.message for complaint in op.check(x)] == [expected]


def test_a_mean_over_three_axes_fits_its_input_without_the_padding() -> None:
    """torch: "input image smaller than kernel size"; over two axes the padding counts."""
    pool = AvgPool(kernel_size=(4, 4, 4), stride=(1, 1, 1), padding=(1, 1, 1))
    assert [complaint.field for complaint in pool.check(Tensor(2, (3, 5, 5)))] == ["kernel_size"]
    plane = AvgPool(kernel_size=(4, 4), stride=(1, 1), padding=(1, 1))
    assert list(plane.check(Tensor(2, (3, 5)))) == []
