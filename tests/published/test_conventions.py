"""What nine tools report for the same layers and networks, cell by cell.

A tool's number is the sum of its convention's terms. Ours is for one sample; the tools multiply
it by the batch, all but ptflops with its backend `pytorch`.
"""

from typing import NamedTuple

import pytest

from sepconv_cli.conventions import MODULES, Convention, Style, convention
from sepconv_cli.library.load import load
from sepconv_cli.library.zoo import PREFIX
from sepconv_cli.lowering.choose import cases
from sepconv_cli.network import Node, Op, Tensor
from sepconv_cli.ops._merge import Merge
from sepconv_cli.ops.add import Add
from sepconv_cli.ops.avg_pool import AvgPool
from sepconv_cli.ops.batch_norm import BatchNorm
from sepconv_cli.ops.concat import Concat
from sepconv_cli.ops.gelu import Gelu
from sepconv_cli.ops.global_avg_pool import GlobalAvgPool
from sepconv_cli.ops.group_norm import GroupNorm
from sepconv_cli.ops.hard_swish import HardSwish
from sepconv_cli.ops.layer_norm import LayerNorm
from sepconv_cli.ops.leaky_relu import LeakyRelu
from sepconv_cli.ops.linear import Linear
from sepconv_cli.ops.max_pool import MaxPool
from sepconv_cli.ops.multiply import Multiply
from sepconv_cli.ops.pixel_shuffle import PixelShuffle
from sepconv_cli.ops.prelu import Prelu
from sepconv_cli.ops.relu import Relu
from sepconv_cli.ops.relu6 import Relu6
from sepconv_cli.ops.sigmoid import Sigmoid
from sepconv_cli.ops.silu import Silu
from sepconv_cli.ops.softmax import Softmax
from sepconv_cli.ops.upsample import Upsample
from tests.examples import conv, conv_transpose
from tests.published import rows

ROWS = rows("conventions.csv")

# The convention that each column is of.
COLUMNS = {
    "fvcore": "fvcore",
    "ptflops_pytorch": "ptflops",
    "ptflops_aten": "ptflops-aten",
    "thop": "thop",
    "torchinfo": "torchinfo",
    "calflops_flops": "calflops",
    "calflops_macs": "calflops-macs",
    "torch_flop_counter": "torch",
    "bsconv_profiler": "bsconv",
}
ONE_SAMPLE_ONLY = "ptflops_pytorch"

STRING_PADDING = 'conv 32->64 kernel 4, padding "same" (given to torch as a string)'


class Layer(NamedTuple):
    """The op that a row's words stand for, and how its module was written."""

    op: Op
    style: Style = MODULES


class Zoo(NamedTuple):
    """The network that a row's words stand for."""

    name: str
    variant: str
    settings: dict[str, int]


def conv_3x3(out: int, **fields: object) -> Layer:
    return Layer(conv(2, out, (3, 3), padding=((1, 1), (1, 1)), **fields))


def doubled(out: int, kernel: int, padding: int = 0, **fields: object) -> Layer:
    """A transposed convolution with a stride of 2 on both axes."""
    square = (padding, padding)
    return Layer(conv_transpose(2, out, (kernel, kernel), stride=(2, 2), padding=square, **fields))


FUNCTIONS = Style(functions=True)
NEAREST = Upsample(scale_factor=(2, 2))
PAIR = (2, 2)
ZERO, ONE = (0, 0), (1, 1)

LAYERS: dict[str, Layer] = {
    "conv 3->128 kernel 3, bias": Layer(conv(2, 128, (3, 3))),
    "conv 3->128 kernel 3": Layer(conv(2, 128, (3, 3), bias=False)),
    "conv 32->32 kernel 3, padding 1, groups 32, bias": conv_3x3(32, groups=32),
    "conv 32->32 kernel 3, padding 1, groups 32": conv_3x3(32, groups=32, bias=False),
    "conv 32->64 kernel 3, padding 1, groups 4": conv_3x3(64, groups=4, bias=False),
    "conv 32->64 kernel 3, padding 1, groups 32": conv_3x3(64, groups=32, bias=False),
    # A kernel of 4 needs three zeros, and torch puts the odd one after.
    STRING_PADDING: Layer(
        conv(2, 64, (4, 4), padding=((1, 2), (1, 2)), bias=False), Style(string_padding=True)
    ),
    "batch norm 32, affine": Layer(BatchNorm()),
    "batch norm 32, not affine": Layer(BatchNorm(affine=False)),
    "group norm, 4 groups": Layer(GroupNorm(num_groups=4)),
    "layer norm over the last axis": Layer(LayerNorm(normalized_shape=(8,))),
    "relu (module)": Layer(Relu()),
    "relu (function)": Layer(Relu(), FUNCTIONS),
    "relu6 (module)": Layer(Relu6()),
    "silu (module)": Layer(Silu()),
    "hardswish (module)": Layer(HardSwish()),
    "sigmoid (module)": Layer(Sigmoid()),
    "gelu (module)": Layer(Gelu()),
    "leaky relu (module)": Layer(LeakyRelu()),
    "prelu (module)": Layer(Prelu()),
    "softmax over channels": Layer(Softmax()),
    "max pool 2": Layer(MaxPool(kernel_size=PAIR, padding=ZERO, dilation=ONE)),
    "average pool 2": Layer(AvgPool(kernel_size=PAIR, padding=ZERO)),
    "adaptive average pool to 1": Layer(GlobalAvgPool()),
    # Over the last axis, of the batch of one that has seven positions too.
    "linear 32->10, bias": Layer(Linear(out_features=10, in_features=32)),
    "linear 32->10": Layer(Linear(out_features=10, bias=False)),
    "x + y": Layer(Add()),
    "x * y": Layer(Multiply()),
    "concat of two": Layer(Concat()),
    "transposed conv 32->16 kernel 2, stride 2, bias": doubled(16, 2),
    "transposed conv 32->16 kernel 2, stride 2": doubled(16, 2, bias=False),
    "transposed conv 32->16 kernel 4, stride 2, padding 1": doubled(16, 4, 1, bias=False),
    "transposed conv 32->16 kernel 2, stride 2, groups 4": doubled(16, 2, groups=4, bias=False),
    "conv1d 16->32 kernel 3, padding 1, bias": Layer(conv(1, 32, (3,), padding=((1, 1),))),
    "conv1d 16->32 kernel 3, padding 1": Layer(conv(1, 32, (3,), padding=((1, 1),), bias=False)),
    "conv3d 3->8 kernel 3, padding 1": Layer(
        conv(3, 8, (3, 3, 3), padding=((1, 1),) * 3, bias=False)
    ),
    "upsample nearest x2 (module)": Layer(NEAREST),
    "upsample bilinear x2 (module)": Layer(Upsample(scale_factor=PAIR, mode="bilinear")),
    "upsample nearest x2 (function)": Layer(NEAREST, FUNCTIONS),
    "pixel shuffle 2": Layer(PixelShuffle(upscale_factor=2)),
}

NETWORKS: dict[str, Zoo] = {
    "ResNet-50 (stride in the 3x3)": Zoo("resnet", "standard", {"depth": 50}),
    "MobileNetV1 1.0 (batch norm and relu after each conv, linear classifier)": Zoo(
        "mobilenet_v1", "depthwise_separable", {}
    ),
}


def sizes(row: dict[str, str]) -> tuple[int, Tensor]:
    """The batch, and the shape of one sample."""
    batch, channels, *size = (int(part) for part in row["input"].split("x"))
    return batch, Tensor(channels, tuple(size))


def nodes_of(row: dict[str, str]) -> tuple[Node, ...]:
    _, x = sizes(row)
    if row["layer"] in NETWORKS:
        name, variant, settings = NETWORKS[row["layer"]]
        (case,) = cases(load(PREFIX + name), [settings], [variant])
        assert case.network.input == x
        return case.network.nodes
    op = LAYERS[row["layer"]].op
    others = (x,) if isinstance(op, Merge) else ()
    assert not list(op.check_inputs((x, *others)))
    return (Node("layer", "layer", op, x, op.shape_of((x, *others)), others=others),)


def total(rule: Convention, nodes: tuple[Node, ...], style: Style) -> int | None:
    """The sum of all terms, which is 0 where nothing counts; None where not comparable."""
    if any(rule.why_not(node, style) for node in nodes):
        return None
    return sum(sum((rule.terms(node, style) or {}).values()) for node in nodes)


def label(row: dict[str, str]) -> str:
    return f"{row['layer']}, {row['input']}"


@pytest.mark.parametrize("row", ROWS, ids=label)
def test_every_tool_s_number_is_the_sum_of_its_convention_s_terms(row: dict[str, str]) -> None:
    nodes, (batch, _) = nodes_of(row), sizes(row)
    style = LAYERS[row["layer"]].style if row["layer"] in LAYERS else MODULES
    found = {}
    for column, name in COLUMNS.items():
        count = total(convention(name), nodes, style)
        samples = 1 if column == ONE_SAMPLE_ONLY else batch
        found[column] = "" if count is None else str(samples * count)
    assert found == {column: row[column] for column in COLUMNS}


@pytest.mark.parametrize("row", ROWS, ids=label)
def test_activations_are_those_of_fvcore(row: dict[str, str]) -> None:
    """But for padding as a string: fvcore's ActivationCountAnalysis doesn't know
    `aten::_convolution_mode` and counts none of its 64 x 8 x 8 elements."""
    batch, _ = sizes(row)
    found = batch * sum(node.op.activations_on(node.inputs, node.y) for node in nodes_of(row))
    if row["layer"] == STRING_PADDING:
        assert row["fvcore_activations"] == "0"
        assert found == 64 * 8 * 8
    else:
        assert found == int(row["fvcore_activations"])


def test_every_row_has_its_layer_and_every_column_its_convention() -> None:
    assert {row["layer"] for row in ROWS} == {*LAYERS, *NETWORKS}
    assert len({label(row) for row in ROWS}) == len(ROWS) == 45
    assert set(ROWS[0]) == {"layer", "input", "fvcore_activations", *COLUMNS}


@pytest.mark.parametrize("row", [row for row in ROWS if sizes(row)[0] > 1], ids=label)
def test_every_tool_but_one_multiplies_by_the_batch(row: dict[str, str]) -> None:
    batch, x = sizes(row)
    one = next(other for other in ROWS if label(other) == f"{row['layer']}, 1x{x}")
    times = {column: int(row[column]) / int(one[column]) for column in COLUMNS}
    assert times == dict.fromkeys(COLUMNS, batch) | {ONE_SAMPLE_ONLY: 1}
