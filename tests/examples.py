"""An example of every op, with the torch module that it stands for written out by hand.

The conformance test fails for an op that isn't here.
"""

from collections.abc import Callable
from typing import NamedTuple

from torch import nn

from sepconv_cli.network import Op, Tensor
from sepconv_cli.ops.avg_pool import AvgPool
from sepconv_cli.ops.batch_norm import BatchNorm
from sepconv_cli.ops.conv import Conv
from sepconv_cli.ops.dropout import Dropout
from sepconv_cli.ops.flatten import Flatten
from sepconv_cli.ops.global_avg_pool import GlobalAvgPool
from sepconv_cli.ops.identity import Identity
from sepconv_cli.ops.linear import Linear
from sepconv_cli.ops.max_pool import MaxPool
from sepconv_cli.ops.relu import Relu
from sepconv_cli.ops.relu6 import Relu6
from sepconv_cli.ops.sigmoid import Sigmoid


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
    Example(Linear(out_features=7), FLAT, lambda: nn.Linear(10, 7)),
    Example(Linear(out_features=7, bias=False), FLAT, lambda: nn.Linear(10, 7, bias=False)),
    Example(BatchNorm(), FLAT, lambda: nn.BatchNorm1d(10)),
    Example(BatchNorm(), LINE, lambda: nn.BatchNorm1d(6)),
    Example(BatchNorm(affine=False), PLANE, lambda: nn.BatchNorm2d(6, affine=False)),
    Example(BatchNorm(track_running_stats=True), SPACE, lambda: nn.BatchNorm3d(4)),
    Example(Relu(), PLANE, nn.ReLU),
    Example(Relu6(), PLANE, nn.ReLU6),
    Example(Sigmoid(), FLAT, nn.Sigmoid),
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
]
