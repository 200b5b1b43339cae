"""An example of every op, with the torch module that it stands for written out by hand.

The conformance test fails for an op that isn't here.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from msgspec.structs import replace
from torch import nn

from sepconv_cli.network import Network, Node, Op, Tensor
from sepconv_cli.ops.absolute import Absolute
from sepconv_cli.ops.adaptive_avg_pool import AdaptiveAvgPool
from sepconv_cli.ops.adaptive_max_pool import AdaptiveMaxPool
from sepconv_cli.ops.add import Add
from sepconv_cli.ops.affine import Affine
from sepconv_cli.ops.avg_pool import AvgPool
from sepconv_cli.ops.batch_norm import BatchNorm
from sepconv_cli.ops.ceil import Ceil
from sepconv_cli.ops.celu import Celu
from sepconv_cli.ops.channel_shuffle import ChannelShuffle
from sepconv_cli.ops.clamp import Clamp
from sepconv_cli.ops.concat import Concat
from sepconv_cli.ops.constant import Constant
from sepconv_cli.ops.conv import Conv
from sepconv_cli.ops.conv_transpose import ConvTranspose
from sepconv_cli.ops.cos import Cos
from sepconv_cli.ops.divide import Divide
from sepconv_cli.ops.dropout import Dropout
from sepconv_cli.ops.dynamic_conv import DynamicConv
from sepconv_cli.ops.elu import Elu
from sepconv_cli.ops.embedding import Embedding
from sepconv_cli.ops.erf import Erf
from sepconv_cli.ops.exp import Exp
from sepconv_cli.ops.expand import Expand
from sepconv_cli.ops.fixed_conv import FixedConv
from sepconv_cli.ops.flatten import Flatten
from sepconv_cli.ops.floor import Floor
from sepconv_cli.ops.fold import Fold
from sepconv_cli.ops.further_input import FurtherInput
from sepconv_cli.ops.further_parameters import FurtherParameters
from sepconv_cli.ops.gelu import Gelu
from sepconv_cli.ops.global_avg_pool import GlobalAvgPool
from sepconv_cli.ops.global_max_pool import GlobalMaxPool
from sepconv_cli.ops.glu import Glu
from sepconv_cli.ops.grid_sample import GridSample
from sepconv_cli.ops.group_norm import GroupNorm
from sepconv_cli.ops.gru import Gru
from sepconv_cli.ops.hard_sigmoid import HardSigmoid
from sepconv_cli.ops.hard_swish import HardSwish
from sepconv_cli.ops.hard_tanh import HardTanh
from sepconv_cli.ops.identity import Identity
from sepconv_cli.ops.instance_norm import InstanceNorm
from sepconv_cli.ops.interpolate import Interpolate
from sepconv_cli.ops.layer_norm import LayerNorm
from sepconv_cli.ops.leaky_relu import LeakyRelu
from sepconv_cli.ops.learned import Learned
from sepconv_cli.ops.learned_scale import LearnedScale
from sepconv_cli.ops.learned_shift import LearnedShift
from sepconv_cli.ops.linear import Linear
from sepconv_cli.ops.local_response_norm import LocalResponseNorm
from sepconv_cli.ops.log import Log
from sepconv_cli.ops.log_sigmoid import LogSigmoid
from sepconv_cli.ops.log_softmax import LogSoftmax
from sepconv_cli.ops.lstm import Lstm
from sepconv_cli.ops.matmul import Matmul
from sepconv_cli.ops.max_pool import MaxPool
from sepconv_cli.ops.maximum import Maximum
from sepconv_cli.ops.minimum import Minimum
from sepconv_cli.ops.mish import Mish
from sepconv_cli.ops.multi_head_attention import MultiHeadAttention
from sepconv_cli.ops.multiply import Multiply
from sepconv_cli.ops.opaque import Opaque
from sepconv_cli.ops.pad import Pad
from sepconv_cli.ops.permute import Permute
from sepconv_cli.ops.pixel_shuffle import PixelShuffle
from sepconv_cli.ops.power import Power
from sepconv_cli.ops.prelu import Prelu
from sepconv_cli.ops.reduce import Reduce
from sepconv_cli.ops.relu import Relu
from sepconv_cli.ops.relu6 import Relu6
from sepconv_cli.ops.reshape import Reshape
from sepconv_cli.ops.rms_norm import RmsNorm
from sepconv_cli.ops.rnn import Rnn
from sepconv_cli.ops.roll import Roll
from sepconv_cli.ops.round import Round
from sepconv_cli.ops.rsqrt import Rsqrt
from sepconv_cli.ops.scaled_dot_product_attention import ScaledDotProductAttention
from sepconv_cli.ops.selu import Selu
from sepconv_cli.ops.sigmoid import Sigmoid
from sepconv_cli.ops.sign import Sign
from sepconv_cli.ops.silu import Silu
from sepconv_cli.ops.sin import Sin
from sepconv_cli.ops.slice import Slice
from sepconv_cli.ops.softmax import Softmax
from sepconv_cli.ops.softplus import Softplus
from sepconv_cli.ops.sqrt import Sqrt
from sepconv_cli.ops.stack import Stack
from sepconv_cli.ops.subtract import Subtract
from sepconv_cli.ops.tanh import Tanh
from sepconv_cli.ops.unfold import Unfold
from sepconv_cli.ops.upsample import Upsample
from sepconv_cli.ops.windows import Windows
from sepconv_cli.ops.zero_pad import ZeroPad
from sepconv_cli.trace import build, modules


class Example(NamedTuple):
    """An op on an input, and on others beside it, and the same by torch's own names."""

    op: Op
    x: Tensor
    module: Callable[[], nn.Module]
    others: tuple[Tensor, ...] = ()

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """Every shape that arrives."""
        return (self.x, *self.others)

    def network(self) -> Network:
        """The op on the network's input, and on constants where it reads more."""
        constants = [
            Node(f"other {at}", "other", Constant(shape=y.axes), self.x, y, sources=(-1,))
            for at, y in enumerate(self.others)
        ]
        node = (
            self.node if not constants else replace(self.node, sources=(-1, *range(len(constants))))
        )
        return Network(self.x, (*constants, node))

    @property
    def node(self) -> Node:
        """The op in its place."""
        y = self.op.shape_of(self.inputs)
        return Node("layer", "layer", self.op, self.x, y, others=self.others)

    def __repr__(self) -> str:
        return "-".join(map(str, (self.op.name, *self.inputs)))


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
    Example(GroupNorm(num_groups=3, bias=False), PLANE, lambda: nn.GroupNorm(3, 6, bias=False)),
    Example(GroupNorm(num_groups=2, affine=False), SPACE, lambda: nn.GroupNorm(2, 4, affine=False)),
    Example(LayerNorm(), FLAT, lambda: nn.LayerNorm(10)),
    Example(LayerNorm(bias=False), LINE, lambda: nn.LayerNorm((6, 11), bias=False)),
    Example(LayerNorm(eps=1e-3), PLANE, lambda: nn.LayerNorm((6, 9, 12), 1e-3)),
    Example(
        LayerNorm(elementwise_affine=False),
        SPACE,
        lambda: nn.LayerNorm((4, 5, 6, 7), elementwise_affine=False),
    ),
    Example(LayerNorm(normalized_shape=(12,)), PLANE, lambda: nn.LayerNorm(12)),
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
    Example(Reshape(shape=(4, 27, 6)), PLANE, lambda: modules.ReshapeModule(shape=(4, 27, 6))),
    Example(Reshape(shape=(5, 2)), FLAT, lambda: modules.ReshapeModule(shape=(5, 2))),
    Example(Permute(axes=(1, 2, 0)), PLANE, lambda: modules.PermuteModule(axes=(1, 2, 0))),
    Example(Permute(axes=(3, 0, 1, 2)), SPACE, lambda: modules.PermuteModule(axes=(3, 0, 1, 2))),
    Example(
        Slice(axis=2, start=1, stop=10, step=4),
        PLANE,
        lambda: modules.SliceModule(axis=2, start=1, stop=10, step=4),
    ),
    Example(
        Slice(axis=0, start=3), FLAT, lambda: modules.SliceModule(axis=0, start=3, stop=10, step=1)
    ),
    Example(Expand(shape=(3, 6, 9, 12)), PLANE, lambda: modules.ExpandModule(shape=(3, 6, 9, 12))),
    Example(Expand(shape=(6, 5)), Tensor(6, (1,)), lambda: modules.ExpandModule(shape=(6, 5))),
    Example(
        Windows(axis=2, length=3, step=2),
        PLANE,
        lambda: modules.WindowsModule(axis=2, length=3, step=2),
    ),
    Example(
        Roll(shifts=(-3, 4), axes=(1, 2)),
        PLANE,
        lambda: modules.RollModule(shifts=(-3, 4), axes=(1, 2)),
    ),
    Example(
        Pad(padding=((0, 0), (0, 1), (2, 1)), mode="lowest"),
        PLANE,
        lambda: modules.PadModule(padding=(2, 1, 0, 1, 0, 0), mode="lowest", value=0.0),
    ),
    Example(
        Pad(padding=((1, 0), (0, -2), (3, 3)), value=0.5),
        PLANE,
        lambda: modules.PadModule(padding=(3, 3, 0, -2, 1, 0), mode="zeros", value=0.5),
    ),
    *(
        Example(
            Pad(padding=((0, 0), (2, 1)), mode=mode),
            LINE,
            lambda mode=mode: modules.PadModule(padding=(2, 1), mode=mode, value=0.0),  # type: ignore[misc]
        )
        for mode in ("reflect", "replicate", "circular")
    ),
    Example(
        Unfold(kernel_size=(3, 2), dilation=(1, 2), padding=(1, 0), stride=(2, 1)),
        PLANE,
        lambda: nn.Unfold((3, 2), (1, 2), (1, 0), (2, 1)),
    ),
    Example(
        Fold(output_size=(9, 12), kernel_size=(3, 3), stride=(3, 3)),
        Tensor(18, (12,)),
        lambda: nn.Fold((9, 12), 3, stride=3),
    ),
    Example(
        Fold(output_size=(4, 5), kernel_size=(2, 3), dilation=(2, 1), padding=(1, 0)),
        Tensor(12, (12,)),
        lambda: nn.Fold((4, 5), (2, 3), (2, 1), (1, 0)),
    ),
    *(
        Example(
            Reduce(function=function, axes=(1, 2)),
            PLANE,
            lambda function=function: modules.ReduceModule(  # type: ignore[misc]
                function=function, axes=(1, 2), keepdim=True, correction=1
            ),
        )
        for function in ("mean", "sum", "max", "min", "norm", "variance")
    ),
    Example(
        Reduce(function="variance", axes=(0,), keepdim=False, correction=0),
        SPACE,
        lambda: modules.ReduceModule(function="variance", axes=(0,), keepdim=False, correction=0),
    ),
    *(
        Example(op(), PLANE, module, others)
        for op, module in (
            (Add, modules.AddModule),
            (Multiply, modules.MultiplyModule),
            (Maximum, modules.MaximumModule),
            (Minimum, modules.MinimumModule),
        )
        for others in ((PLANE,), (Tensor(6, (1, 1)), PLANE), (Tensor(12),), (Tensor(3, (1, 9, 1)),))
    ),
    *(
        Example(op(), Tensor(9, (1,)), module, (PLANE,))
        for op, module in ((Subtract, modules.SubtractModule), (Divide, modules.DivideModule))
    ),
    Example(Concat(), LINE, lambda: modules.ConcatModule(axis=0), (Tensor(2, (11,)), LINE)),
    Example(Concat(axis=1), PLANE, lambda: modules.ConcatModule(axis=1), (Tensor(6, (2, 12)),)),
    Example(Stack(), FLAT, lambda: modules.StackModule(axis=0), (FLAT, FLAT)),
    Example(Stack(axis=2), LINE, lambda: modules.StackModule(axis=2), (LINE,)),
    Example(Matmul(), LINE, modules.MatmulModule, (Tensor(11, (5,)),)),
    Example(Matmul(), PLANE, modules.MatmulModule, (Tensor(6, (12, 5)),)),
    Example(Matmul(), PLANE, modules.MatmulModule, (Tensor(12, (5,)),)),
    Example(Matmul(), Tensor(9, (12,)), modules.MatmulModule, (Tensor(6, (12, 5)),)),
    Example(
        ScaledDotProductAttention(),
        LINE,
        lambda: modules.ScaledDotProductAttentionModule(scale=11**-0.5, causal=False),
        (Tensor(7, (11,)), Tensor(7, (4,))),
    ),
    Example(
        ScaledDotProductAttention(scale=0.5),
        Tensor(3, (5, 8)),
        lambda: modules.ScaledDotProductAttentionModule(scale=0.5, causal=False),
        (Tensor(3, (7, 8)), Tensor(3, (7, 4)), Tensor(5, (7,))),
    ),
    Example(
        ScaledDotProductAttention(causal=True),
        Tensor(2, (3, 5, 8)),
        lambda: modules.ScaledDotProductAttentionModule(scale=8**-0.5, causal=True),
        (Tensor(1, (3, 5, 8)), Tensor(2, (3, 5, 8))),
    ),
    Example(
        ScaledDotProductAttention(),
        Tensor(3, (5, 8)),
        lambda: modules.ScaledDotProductAttentionModule(scale=8**-0.5, causal=False),
        (Tensor(3, (5, 8)), Tensor(3, (5, 8))),
    ),
    Example(
        Interpolate(size=(20, 4), mode="area"), PLANE, lambda: nn.Upsample((20, 4), mode="area")
    ),
    Example(Softmax(axis=2), PLANE, lambda: nn.Softmax(3)),
    Example(Learned(shape=(3, 4)), PLANE, lambda: modules.LearnedModule((3, 4))),
    Example(Learned(shape=(3, 4), made_of=7), PLANE, lambda: modules.LearnedModule((3, 4), 7)),
    Example(FurtherParameters(count=5), PLANE, lambda: modules.FurtherParametersModule(5)),
    Example(
        FixedConv(
            out_channels=6,
            kernel_size=(3, 3),
            stride=(2, 2),
            padding=((0, 0), (0, 0)),
            dilation=(1, 1),
            groups=6,
        ),
        PLANE,
        lambda: modules.FixedConvModule(
            "Conv2d",
            in_channels=6,
            out_channels=6,
            kernel_size=(3, 3),
            stride=(2, 2),
            padding=(0, 0),
            dilation=(1, 1),
            groups=6,
            bias=False,
            padding_mode="zeros",
        ),
    ),
    Example(
        DynamicConv(stride=(2, 1), padding=((1, 0), (1, 1)), dilation=(1, 2), groups=3),
        PLANE,
        lambda: modules.DynamicConvModule(
            stride=(2, 1), padding=(1, 1, 1, 0), dilation=(1, 2), groups=3
        ),
        (Tensor(9, (2, 3, 2)),),
    ),
    Example(
        GridSample(padding_mode="border"),
        PLANE,
        lambda: modules.GridSampleModule(
            mode="bilinear", padding_mode="border", align_corners=False
        ),
        (Tensor(4, (5, 2)),),
    ),
    Example(
        GridSample(align_corners=True),
        SPACE,
        lambda: modules.GridSampleModule(mode="bilinear", padding_mode="zeros", align_corners=True),
        (Tensor(4, (3, 3, 2)),),
    ),
    Example(Constant(shape=(3, 4)), PLANE, lambda: modules.ConstantModule((3, 4))),
    Example(FurtherInput(shape=(3, 4)), PLANE, lambda: modules.FurtherInputModule(shape=(3, 4))),
    Example(LearnedScale(shape=(6, 1, 1)), PLANE, lambda: modules.LearnedScaleModule((6, 1, 1))),
    Example(LearnedShift(shape=(11,)), LINE, lambda: modules.LearnedShiftModule((11,))),
    Example(
        Opaque(function="nms", shape=(5, 4)),
        PLANE,
        lambda: modules.OpaqueModule(function="nms", shape=(5, 4)),
        (FLAT,),
    ),
    Example(LayerNorm(normalized_shape=(9, 12)), PLANE, lambda: nn.LayerNorm((9, 12))),
    Example(RmsNorm(), LINE, lambda: nn.RMSNorm((6, 11))),
    Example(RmsNorm(normalized_shape=(12,), eps=1e-6), PLANE, lambda: nn.RMSNorm(12, 1e-6)),
    Example(
        RmsNorm(normalized_shape=(6, 7), elementwise_affine=False),
        SPACE,
        lambda: nn.RMSNorm((6, 7), elementwise_affine=False),
    ),
    Example(BatchNorm(), Tensor(2, (3, 4, 5, 6)), lambda: modules.BatchNormModule(2)),
    *(
        Example(
            LocalResponseNorm(size=3, alpha=0.5, beta=0.25, k=2.0),
            x,
            lambda: nn.LocalResponseNorm(3, 0.5, 0.25, 2.0),
        )
        for x in (LINE, PLANE, SPACE)
    ),
    *(
        Example(op, PLANE, lambda name=op.name: modules.ElementwiseModule(function=name))  # type: ignore[misc]
        for op in (
            Absolute(),
            Ceil(),
            Cos(),
            Erf(),
            Exp(),
            Floor(),
            Log(),
            Round(),
            Rsqrt(),
            Sign(),
            Sin(),
            Sqrt(),
        )
    ),
    Example(
        Affine(scale=2.0, shift=-1.0), LINE, lambda: modules.AffineModule(scale=2.0, shift=-1.0)
    ),
    Example(Affine(scale=-1.0), LINE, lambda: modules.AffineModule(scale=-1.0, shift=0.0)),
    Example(Affine(shift=3.0), LINE, lambda: modules.AffineModule(scale=1.0, shift=3.0)),
    *(
        Example(Power(exponent=n), LINE, lambda n=n: modules.PowerModule(exponent=n))  # type: ignore[misc]
        for n in (2.0, 3.0, -1.0, 0.75)
    ),
    Example(Clamp(min=0.0), PLANE, lambda: modules.ClampModule(min=0.0, max=None)),
    Example(Clamp(min=-1.0, max=1.0), PLANE, lambda: modules.ClampModule(min=-1.0, max=1.0)),
    Example(Softplus(beta=2.0), PLANE, lambda: nn.Softplus(2.0)),
    Example(Mish(), PLANE, nn.Mish),
    Example(Selu(), PLANE, nn.SELU),
    Example(Celu(alpha=0.5), PLANE, lambda: nn.CELU(0.5)),
    Example(HardTanh(max_val=2.0), PLANE, lambda: nn.Hardtanh(max_val=2.0)),
    Example(LogSigmoid(), PLANE, nn.LogSigmoid),
    Example(LogSoftmax(), FLAT, lambda: nn.LogSoftmax(1)),
    Example(LogSoftmax(axis=1), PLANE, lambda: nn.LogSoftmax(2)),
    Example(Glu(), FLAT, lambda: nn.GLU(1)),
    Example(Glu(axis=2), PLANE, lambda: nn.GLU(3)),
    *(
        Example(
            Interpolate(scale_factor=(factor,) * len(x.size), mode=mode),  # type: ignore[arg-type]
            x,
            lambda mode=mode, factor=factor: nn.Upsample(  # type: ignore[misc]
                scale_factor=float(factor), mode=mode
            ),
        )
        for x, modes in (
            (LINE, ("nearest", "nearest-exact", "linear", "area")),
            (PLANE, ("nearest", "nearest-exact", "bilinear", "bicubic", "area")),
            (SPACE, ("nearest", "nearest-exact", "trilinear", "area")),
        )
        for mode in modes
        for factor in (Fraction(5, 2), Fraction(1, 2))
    ),
    Example(
        Interpolate(size=(20, 4), mode="bilinear", align_corners=True),
        PLANE,
        lambda: nn.Upsample((20, 4), mode="bilinear", align_corners=True),
    ),
    Example(
        Interpolate(scale_factor=(Fraction(3), Fraction(1, 4))),
        PLANE,
        lambda: nn.Upsample(scale_factor=(3, 0.25)),
    ),
    Example(
        Lstm(hidden_size=5),
        Tensor(7, (4,)),
        lambda: modules.LstmModule(
            input_size=4, hidden_size=5, num_layers=1, bias=True, bidirectional=False
        ),
    ),
    Example(
        Lstm(hidden_size=5, num_layers=3, bidirectional=True, bias=False),
        Tensor(7, (4,)),
        lambda: modules.LstmModule(
            input_size=4, hidden_size=5, num_layers=3, bias=False, bidirectional=True
        ),
    ),
    Example(
        Gru(hidden_size=3, num_layers=2),
        Tensor(7, (4,)),
        lambda: modules.GruModule(
            input_size=4, hidden_size=3, num_layers=2, bias=True, bidirectional=False
        ),
    ),
    Example(
        Rnn(hidden_size=6, bidirectional=True, nonlinearity="relu"),
        Tensor(7, (4,)),
        lambda: modules.RnnModule(
            input_size=4,
            hidden_size=6,
            num_layers=1,
            bias=True,
            bidirectional=True,
            nonlinearity="relu",
        ),
    ),
]
