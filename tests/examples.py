"""An example of every op, with the torch module that it stands for written out by hand.

The conformance test fails for an op that isn't here.
"""

from collections.abc import Callable
from typing import NamedTuple

from torch import nn

from sepconv_cli.network import Op, Tensor
from sepconv_cli.ops.adaptive_avg_pool import AdaptiveAvgPool
from sepconv_cli.ops.adaptive_max_pool import AdaptiveMaxPool
from sepconv_cli.ops.avg_pool import AvgPool
from sepconv_cli.ops.batch_norm import BatchNorm
from sepconv_cli.ops.channel_shuffle import ChannelShuffle
from sepconv_cli.ops.conv import Conv
from sepconv_cli.ops.conv_transpose import ConvTranspose
from sepconv_cli.ops.dropout import Dropout
from sepconv_cli.ops.elu import Elu
from sepconv_cli.ops.embedding import Embedding
from sepconv_cli.ops.flatten import Flatten
from sepconv_cli.ops.gelu import Gelu
from sepconv_cli.ops.global_avg_pool import GlobalAvgPool
from sepconv_cli.ops.global_max_pool import GlobalMaxPool
from sepconv_cli.ops.group_norm import GroupNorm
from sepconv_cli.ops.hard_sigmoid import HardSigmoid
from sepconv_cli.ops.hard_swish import HardSwish
from sepconv_cli.ops.identity import Identity
from sepconv_cli.ops.instance_norm import InstanceNorm
from sepconv_cli.ops.layer_norm import LayerNorm
from sepconv_cli.ops.leaky_relu import LeakyRelu
from sepconv_cli.ops.linear import Linear
from sepconv_cli.ops.max_pool import MaxPool
from sepconv_cli.ops.multi_head_attention import MultiHeadAttention
from sepconv_cli.ops.pixel_shuffle import PixelShuffle
from sepconv_cli.ops.prelu import Prelu
from sepconv_cli.ops.relu import Relu
from sepconv_cli.ops.relu6 import Relu6
from sepconv_cli.ops.sigmoid import Sigmoid
from sepconv_cli.ops.silu import Silu
from sepconv_cli.ops.softmax import Softmax
from sepconv_cli.ops.tanh import Tanh
from sepconv_cli.ops.upsample import Upsample
from sepconv_cli.ops.zero_pad import ZeroPad
from sepconv_cli.trace import build


class Example(NamedTuple):
    """An op on an input, and the same by torch's own names."""

    op: Op
    x: Tensor
    module: Callable[[], nn.Module]

    def __repr__(self) -> str:
        return f"{self.op.name}-{self.x}"


LINE, PLANE, SPACE = Tensor(6, (11,)), Tensor(6, (9, 12)), Tensor(4, (5, 6, 7))
FLAT = Tensor(10)


def conv(n: int, out: int, kernel: tuple[int, ...], **fields: object) -> Conv:
    """A convolution over n axes with torch's defaults."""
    defaults: dict[str, object] = {
        "stride": (1,) * n,
        "padding": ((0, 0),) * n,
        "dilation": (1,) * n,
    }
    return Conv(out_channels=out, kernel_size=kernel, **{**defaults, **fields})  # type: ignore[arg-type]


def conv_transpose(n: int, out: int, kernel: tuple[int, ...], **fields: object) -> ConvTranspose:
    """A transposed convolution over n axes with torch's defaults."""
    defaults: dict[str, object] = {
        "stride": (1,) * n,
        "padding": (0,) * n,
        "output_padding": (0,) * n,
        "dilation": (1,) * n,
    }
    return ConvTranspose(out_channels=out, kernel_size=kernel, **{**defaults, **fields})  # type: ignore[arg-type]


EXAMPLES = [
    Example(conv(1, 8, (3,)), LINE, lambda: nn.Conv1d(6, 8, 3)),
    Example(
        conv(1, 8, (5,), dilation=(2,), bias=False),
        LINE,
        lambda: nn.Conv1d(6, 8, 5, dilation=2, bias=False),
    ),
    Example(
        conv(2, 8, (3, 5), stride=(2, 1), padding=((1, 1), (2, 2)), groups=2),
        PLANE,
        lambda: nn.Conv2d(6, 8, (3, 5), (2, 1), (1, 2), groups=2),
    ),
    Example(
        conv(2, 8, (4, 4), padding=((1, 2), (1, 2)), bias=False),
        PLANE,
        lambda: nn.Sequential(nn.ZeroPad2d((1, 2, 1, 2)), nn.Conv2d(6, 8, 4, bias=False)),
    ),
    Example(
        conv(2, 8, (3, 4), padding="same"),
        PLANE,
        lambda: nn.Sequential(nn.ZeroPad2d((1, 2, 1, 1)), nn.Conv2d(6, 8, (3, 4))),
    ),
    Example(conv(1, 8, (1,), padding="same"), LINE, lambda: nn.Conv1d(6, 8, 1)),
    Example(
        conv(2, 8, (3, 2), padding=((0, 3), (1, 2)), padding_mode="replicate"),
        PLANE,
        lambda: nn.Sequential(nn.ReplicationPad2d((1, 2, 0, 3)), nn.Conv2d(6, 8, (3, 2))),
    ),
    *(
        Example(
            conv(2, 6, (3, 3), padding=((1, 1), (1, 1)), padding_mode=mode, groups=6),
            PLANE,
            lambda mode=mode: nn.Conv2d(6, 6, 3, padding=1, padding_mode=mode, groups=6),  # type: ignore[misc]
        )
        for mode in ("zeros", "reflect", "replicate", "circular")
    ),
    Example(
        conv(3, 5, (3, 1, 2), stride=(2, 2, 1), padding=((1, 1), (0, 0), (1, 1))),
        SPACE,
        lambda: nn.Conv3d(4, 5, (3, 1, 2), (2, 2, 1), (1, 0, 1)),
    ),
    Example(
        conv_transpose(1, 4, (3,), stride=(2,), padding=(1,), output_padding=(1,), groups=2),
        LINE,
        lambda: nn.ConvTranspose1d(6, 4, 3, 2, 1, output_padding=1, groups=2),
    ),
    Example(
        conv_transpose(
            2, 8, (3, 2), stride=(2, 3), padding=(0, 1), output_padding=(1, 0), dilation=(2, 1)
        ),
        PLANE,
        lambda: nn.ConvTranspose2d(6, 8, (3, 2), (2, 3), (0, 1), (1, 0), dilation=(2, 1)),
    ),
    Example(
        conv_transpose(2, 3, (4, 4), stride=(2, 2), padding=(1, 1), bias=False),
        PLANE,
        lambda: nn.ConvTranspose2d(6, 3, 4, 2, 1, bias=False),
    ),
    Example(
        conv_transpose(
            3,
            8,
            (2, 3, 1),
            stride=(1, 1, 2),
            output_padding=(0, 2, 1),
            dilation=(1, 3, 1),
            groups=4,
        ),
        SPACE,
        lambda: nn.ConvTranspose3d(
            4, 8, (2, 3, 1), (1, 1, 2), output_padding=(0, 2, 1), dilation=(1, 3, 1), groups=4
        ),
    ),
    Example(Linear(out_features=7), FLAT, lambda: nn.Linear(10, 7)),
    Example(Linear(out_features=7, bias=False), FLAT, lambda: nn.Linear(10, 7, bias=False)),
    Example(Linear(out_features=7, in_features=12), PLANE, lambda: nn.Linear(12, 7)),
    Example(
        Linear(out_features=7, in_features=11, bias=False),
        LINE,
        lambda: nn.Linear(11, 7, bias=False),
    ),
    Example(BatchNorm(), FLAT, lambda: nn.BatchNorm1d(10)),
    Example(BatchNorm(), LINE, lambda: nn.BatchNorm1d(6)),
    Example(BatchNorm(affine=False), PLANE, lambda: nn.BatchNorm2d(6, affine=False)),
    Example(BatchNorm(momentum=0.2), SPACE, lambda: nn.BatchNorm3d(4, momentum=0.2)),
    Example(GroupNorm(num_groups=5), FLAT, lambda: nn.GroupNorm(5, 10)),
    Example(GroupNorm(num_groups=1), LINE, lambda: nn.GroupNorm(1, 6)),
    Example(GroupNorm(num_groups=3, eps=1e-3), PLANE, lambda: nn.GroupNorm(3, 6, 1e-3)),
    Example(GroupNorm(num_groups=2, affine=False), SPACE, lambda: nn.GroupNorm(2, 4, affine=False)),
    Example(LayerNorm(), FLAT, lambda: nn.LayerNorm(10)),
    Example(LayerNorm(bias=False), LINE, lambda: nn.LayerNorm((6, 11), bias=False)),
    Example(LayerNorm(eps=1e-3), PLANE, lambda: nn.LayerNorm((6, 9, 12), 1e-3)),
    Example(
        LayerNorm(elementwise_affine=False),
        SPACE,
        lambda: nn.LayerNorm((4, 5, 6, 7), elementwise_affine=False),
    ),
    Example(LayerNorm(normalized_shape=12), PLANE, lambda: nn.LayerNorm(12)),
    Example(InstanceNorm(), LINE, lambda: nn.InstanceNorm1d(6)),
    Example(InstanceNorm(affine=True), PLANE, lambda: nn.InstanceNorm2d(6, affine=True)),
    Example(
        InstanceNorm(track_running_stats=True),
        Tensor(6, (1, 1)),
        lambda: nn.InstanceNorm2d(6, track_running_stats=True),
    ),
    Example(
        InstanceNorm(affine=True, track_running_stats=True),
        SPACE,
        lambda: nn.InstanceNorm3d(4, affine=True, track_running_stats=True),
    ),
    Example(Relu(), PLANE, nn.ReLU),
    Example(Relu6(), PLANE, nn.ReLU6),
    Example(Sigmoid(), FLAT, nn.Sigmoid),
    Example(LeakyRelu(negative_slope=0.2), PLANE, lambda: nn.LeakyReLU(0.2)),
    Example(Prelu(), FLAT, nn.PReLU),
    Example(Prelu(num_parameters=4), SPACE, lambda: nn.PReLU(4)),
    Example(Elu(alpha=0.5), LINE, lambda: nn.ELU(0.5)),
    Example(Silu(), PLANE, nn.SiLU),
    Example(Gelu(), FLAT, nn.GELU),
    Example(Gelu(approximate="tanh"), PLANE, lambda: nn.GELU("tanh")),
    Example(HardSwish(), PLANE, nn.Hardswish),
    Example(HardSigmoid(), SPACE, nn.Hardsigmoid),
    Example(Tanh(), LINE, nn.Tanh),
    Example(Softmax(), FLAT, lambda: nn.Softmax(dim=1)),
    Example(Softmax(), PLANE, lambda: nn.Softmax(dim=1)),
    Example(Identity(), LINE, nn.Identity),
    Example(Dropout(p=0.2), SPACE, lambda: nn.Dropout(0.2)),
    Example(Flatten(), FLAT, nn.Flatten),
    Example(Flatten(), SPACE, nn.Flatten),
    Example(GlobalAvgPool(), LINE, lambda: nn.AdaptiveAvgPool1d(1)),
    Example(GlobalAvgPool(), PLANE, lambda: nn.AdaptiveAvgPool2d(1)),
    Example(GlobalAvgPool(), SPACE, lambda: nn.AdaptiveAvgPool3d(1)),
    Example(
        MaxPool(kernel_size=(3,), padding=(1,), dilation=(2,)),
        LINE,
        lambda: nn.MaxPool1d(3, padding=1, dilation=2),
    ),
    Example(
        MaxPool(kernel_size=(2, 2), padding=(0, 0), dilation=(1, 1)), PLANE, lambda: nn.MaxPool2d(2)
    ),
    Example(
        MaxPool(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(1, 1), ceil_mode=True),
        PLANE,
        lambda: nn.MaxPool2d(3, 2, 1, ceil_mode=True),
    ),
    Example(
        MaxPool(kernel_size=(2, 3, 2), padding=(0, 1, 1), dilation=(1, 1, 1)),
        SPACE,
        lambda: nn.MaxPool3d((2, 3, 2), padding=(0, 1, 1)),
    ),
    Example(
        AvgPool(kernel_size=(4,), stride=(3,), padding=(2,), ceil_mode=True),
        LINE,
        lambda: nn.AvgPool1d(4, 3, 2, ceil_mode=True),
    ),
    Example(AvgPool(kernel_size=(2, 2), padding=(0, 0)), PLANE, lambda: nn.AvgPool2d(2)),
    Example(
        AvgPool(kernel_size=(2, 2, 2), padding=(0, 0, 0), count_include_pad=False),
        SPACE,
        lambda: nn.AvgPool3d(2, count_include_pad=False),
    ),
    Example(GlobalMaxPool(), LINE, lambda: nn.AdaptiveMaxPool1d(1)),
    Example(GlobalMaxPool(), PLANE, lambda: nn.AdaptiveMaxPool2d(1)),
    Example(GlobalMaxPool(), SPACE, lambda: nn.AdaptiveMaxPool3d(1)),
    Example(AdaptiveAvgPool(output_size=(4,)), LINE, lambda: nn.AdaptiveAvgPool1d(4)),
    Example(AdaptiveAvgPool(output_size=(2, 3)), PLANE, lambda: nn.AdaptiveAvgPool2d((2, 3))),
    Example(AdaptiveAvgPool(output_size=(2, 2, 2)), SPACE, lambda: nn.AdaptiveAvgPool3d(2)),
    Example(AdaptiveMaxPool(output_size=(20,)), LINE, lambda: nn.AdaptiveMaxPool1d(20)),
    Example(AdaptiveMaxPool(output_size=(7, 7)), PLANE, lambda: nn.AdaptiveMaxPool2d(7)),
    Example(AdaptiveMaxPool(output_size=(1, 2, 3)), SPACE, lambda: nn.AdaptiveMaxPool3d((1, 2, 3))),
    Example(Upsample(scale_factor=(3,)), LINE, lambda: nn.Upsample(scale_factor=3)),
    Example(Upsample(scale_factor=(2, 3)), PLANE, lambda: nn.Upsample(scale_factor=(2, 3))),
    Example(Upsample(scale_factor=(2, 1, 2)), SPACE, lambda: nn.Upsample(scale_factor=(2, 1, 2))),
    Example(
        Upsample(scale_factor=(2, 2), mode="bilinear"),
        PLANE,
        lambda: nn.Upsample(scale_factor=2, mode="bilinear"),
    ),
    Example(PixelShuffle(upscale_factor=3), Tensor(18, (4, 5)), lambda: nn.PixelShuffle(3)),
    Example(ChannelShuffle(groups=3), LINE, lambda: nn.ChannelShuffle(3)),
    Example(ChannelShuffle(groups=2), PLANE, lambda: nn.ChannelShuffle(2)),
    Example(ChannelShuffle(groups=2), SPACE, lambda: nn.ChannelShuffle(2)),
    Example(
        Embedding(num_embeddings=20, embedding_dim=4), FLAT, lambda: build.EmbeddingModule(20, 4)
    ),
    Example(MultiHeadAttention(num_heads=3), LINE, lambda: build.AttentionModule(6, num_heads=3)),
    Example(
        MultiHeadAttention(num_heads=1, bias=False),
        Tensor(8, (5,)),
        lambda: build.AttentionModule(8, num_heads=1, bias=False),
    ),
    Example(ZeroPad(padding=((1, 2),)), LINE, lambda: nn.ZeroPad1d((1, 2))),
    Example(ZeroPad(padding=((0, 3), (1, 2))), PLANE, lambda: nn.ZeroPad2d((1, 2, 0, 3))),
    Example(
        ZeroPad(padding=((5, 6), (3, 4), (1, 2))), SPACE, lambda: nn.ZeroPad3d((1, 2, 3, 4, 5, 6))
    ),
]
