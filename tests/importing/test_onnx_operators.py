"""Every operator of ONNX that is read, in the versions that differ: its ops, and its outputs.

The ops are written down by hand; the outputs are onnxruntime's.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
import pytest
from onnx import helper

from sepconv_cli.importing.onnx_file import recorded_from_onnx
from tests.importing.onnx_models import assert_proven, model, ops, saved, weight, whole

IMAGE = (2, 4, 6, 6)


class Case(NamedTuple):
    """One node, with constants for its inputs after the first; what it comes to."""

    name: str
    opset: int
    expected: str | tuple[str, ...]
    constants: Sequence[Any]
    attributes: dict[str, Any]
    x: tuple[int, ...]


def case(
    name: str,
    opset: int,
    expected: str | tuple[str, ...],
    *constants: Any,
    x: tuple[int, ...] = IMAGE,
    **attributes: Any,
) -> Case:
    return Case(name, opset, expected, constants, attributes, x)


W = weight(8, 4, 3, 3)
C4, C8, P4 = weight(4), weight(8), np.abs(weight(4, seed=1)) + 0.5
TOKENS = (2, 5, 8)

LAYERS = [
    case("Conv", 11, "conv", W),
    case("Conv", 11, "conv", W, C8, pads=[1, 1, 1, 1], strides=[2, 2]),
    case("Conv", 17, "conv", W, C8, pads=[0, 1, 1, 2]),
    case("Conv", 17, "conv", W, auto_pad="SAME_UPPER", strides=[2, 2]),
    case("Conv", 17, "conv", W, auto_pad="SAME_LOWER", strides=[2, 2]),
    case("Conv", 17, "conv", W, auto_pad="VALID"),
    case("Conv", 17, "conv", weight(8, 2, 3, 3), group=2, dilations=[2, 2]),
    case("Conv", 17, "conv", weight(8, 4, 3), x=(2, 4, 9)),
    case("Conv", 17, "conv", weight(8, 4, 3, 3, 3), C8, x=(1, 4, 5, 5, 5)),
    case("ConvTranspose", 11, "conv_transpose", weight(4, 3, 3, 3), strides=[2, 2]),
    case(
        "ConvTranspose",
        11,
        "conv_transpose",
        weight(4, 3, 3, 3),
        strides=[2, 2],
        pads=[1, 1, 1, 1],
        output_padding=[1, 1],
    ),
    case(
        "ConvTranspose",
        11,
        "conv_transpose",
        weight(4, 3, 2, 2),
        weight(6),
        group=2,
        strides=[2, 2],
    ),
    case("Gemm", 11, "linear", weight(8, 3), C4[:3], x=(2, 8)),
    case("Gemm", 13, "linear", weight(3, 8), weight(1, 3), x=(2, 8), transB=1),
    case("Gemm", 13, "linear", weight(3, 8), x=(2, 8), transB=1),
    case("MatMul", 13, "linear", weight(8, 3), x=TOKENS),
    case("BatchNormalization", 11, "batch_norm", C4, weight(4, seed=2), weight(4, seed=3), P4),
    case(
        "BatchNormalization",
        15,
        "batch_norm",
        C4,
        weight(4, seed=2),
        weight(4, seed=3),
        P4,
        epsilon=0.1,
    ),
    case("InstanceNormalization", 11, "instance_norm", C4, weight(4, seed=2)),
    case("GroupNormalization", 21, "group_norm", C4, weight(4, seed=2), num_groups=2),
    case("LayerNormalization", 17, "layer_norm", C8, weight(8, seed=2), x=TOKENS),
    case("LayerNormalization", 17, "layer_norm", C8, x=TOKENS, epsilon=0.1),
    case(
        "LayerNormalization", 17, "layer_norm", weight(5, 8), weight(5, 8, seed=2), x=TOKENS, axis=1
    ),
    case("RMSNormalization", 23, "rms_norm", C8, x=TOKENS),
    case("LRN", 13, "local_response_norm", size=3, alpha=0.1, beta=0.5, bias=2.0),
    case("MaxPool", 11, "max_pool", kernel_shape=[2, 2], strides=[2, 2]),
    case("MaxPool", 12, "max_pool", kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1]),
    case("MaxPool", 12, "max_pool", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER"),
    case("MaxPool", 12, "max_pool", kernel_shape=[3], x=(2, 4, 9)),
    case("AveragePool", 11, "avg_pool", kernel_shape=[2, 2], strides=[2, 2]),
    case("AveragePool", 11, "avg_pool", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
    case(
        "AveragePool", 11, "avg_pool", kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1
    ),
    case(
        "AveragePool",
        11,
        ("zero_pad", "avg_pool"),
        kernel_shape=[3, 3],
        pads=[0, 0, 1, 1],
        count_include_pad=1,
    ),
    case("GlobalAveragePool", 13, "global_avg_pool"),
    case("GlobalMaxPool", 13, "global_max_pool"),
]

ACTIVATIONS = [
    *(case(name, 14, op) for name, op in {
        "Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "HardSwish": "hard_swish",
        "Selu": "selu", "Softplus": "softplus", "Erf": "erf", "Exp": "exp", "Sin": "sin",
        "Cos": "cos", "Abs": "absolute", "Neg": "affine", "Floor": "floor", "Ceil": "ceil",
        "Round": "round", "Sign": "sign",
    }.items()),
    case("Mish", 18, "mish"),
    case("Gelu", 20, "gelu"),
    case("Gelu", 20, "gelu", approximate="tanh"),
    case("Swish", 24, "silu"),
    case("LeakyRelu", 11, "leaky_relu", alpha=0.2),
    case("Elu", 11, "elu", alpha=0.5),
    case("Celu", 12, "celu", alpha=2.0),
    case("HardSigmoid", 11, "hard_sigmoid", alpha=1 / 6),
    case("HardSigmoid", 11, ("affine", "clamp")),
    case("Softsign", 11, ("absolute", "affine", "divide")),
    case("Clip", 6, "relu6", min=0.0, max=6.0),
    case("Clip", 13, "relu6", np.float32(0), np.float32(6)),
    case("Clip", 13, "relu", np.float32(0)),
    case("Clip", 13, "hard_tanh", np.float32(-1), np.float32(1)),
    case("Clip", 13, "clamp", None, np.float32(0.5)),
    case("PRelu", 11, "prelu", weight(4, 1, 1)),
    case("PRelu", 11, "prelu", weight(1, 4, 1, 1)),
    case("Softmax", 11, "softmax", x=(2, 8)),
    case("Softmax", 11, ("reshape", "softmax", "reshape"), x=TOKENS, axis=1),
    case("Softmax", 13, "softmax", x=TOKENS, axis=1),
    case("Softmax", 13, "softmax", x=TOKENS),
    case("LogSoftmax", 13, "log_softmax", x=TOKENS),
]  # fmt: skip

SHAPES = [
    case("Identity", 13, ()),
    case("Dropout", 13, ()),
    case("Cast", 13, (), to=1),
    case("Reshape", 13, "flatten", whole(2, -1)),
    case("Reshape", 13, "reshape", whole(0, 2, 2, 36)),
    case("Reshape", 13, (), whole(0, 0, 6, -1)),
    case("Flatten", 13, "flatten"),
    case("Squeeze", 11, "reshape", axes=[2], x=(2, 4, 1, 6)),
    case("Squeeze", 13, "reshape", whole(2), x=(2, 4, 1, 6)),
    case("Unsqueeze", 11, "reshape", axes=[2]),
    case("Unsqueeze", 13, "reshape", whole(-1)),
    case("Transpose", 13, "permute", perm=[0, 2, 3, 1]),
    case("Slice", 13, "slice", whole(1), whole(3), whole(1)),
    case("Slice", 13, "slice", whole(-3), whole(2**62), whole(-1), whole(2)),
    case("Slice", 13, ("slice", "slice"), whole(1, 0), whole(-1, 2), whole(2, 3)),
    case("Slice", 13, (), whole(0), whole(2**62), whole(2)),
    case("Slice", 9, "slice", starts=[1], ends=[3], axes=[1]),
    case("Gather", 13, ("slice", "reshape"), np.int64(2), axis=1),
    case("Gather", 13, ("slice", "reshape"), np.int64(-1), axis=2),
    case("Gather", 13, "slice", whole(1, 2), axis=1),
    case("Pad", 2, "zero_pad", pads=[0, 0, 1, 2, 0, 0, 0, 1]),
    case("Pad", 11, "zero_pad", whole(0, 0, 1, 2, 0, 0, 0, 1)),
    case("Pad", 13, "pad", whole(0, 1, 0, 0, 0, 0, 0, 0)),
    case("Pad", 13, "pad", whole(0, 0, 1, 1, 0, 0, 1, 1), np.float32(2)),
    case("Pad", 13, "pad", whole(0, 0, 1, 1, 0, 0, 1, 1), mode="reflect"),
    case("Pad", 13, "pad", whole(0, 0, 1, 1, 0, 0, 1, 1), mode="edge"),
    case("Pad", 19, "pad", whole(0, 0, 1, 1, 0, 0, 1, 1), mode="wrap"),
    case("Pad", 18, "zero_pad", whole(1, 1), None, whole(-1)),
    case("Expand", 13, "expand", whole(2, 4, 6, 6), x=(2, 4, 1, 6)),
    case("Tile", 13, "expand", whole(1, 1, 6, 1), x=(2, 4, 1, 6)),
    case("DepthToSpace", 13, ("reshape", "permute", "reshape"), blocksize=2),
    case("DepthToSpace", 13, "pixel_shuffle", blocksize=2, mode="CRD"),
    case("SpaceToDepth", 13, ("reshape", "permute", "reshape"), blocksize=2),
    case("Col2Im", 18, "fold", whole(4, 4), whole(2, 2), x=(2, 8, 9)),
]

ROI = np.zeros(0, np.float32)
DOUBLE = np.array([1, 1, 2, 2], np.float32)
RESIZES = [
    case("Upsample", 9, "upsample", DOUBLE),
    case("Resize", 10, "upsample", DOUBLE),
    case(
        "Resize",
        11,
        "upsample",
        ROI,
        DOUBLE,
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    ),
    case("Resize", 13, "upsample", None, DOUBLE, mode="nearest"),
    case("Resize", 13, "upsample", None, DOUBLE, mode="linear"),
    case("Resize", 18, "interpolate", None, None, whole(2, 4, 9, 3), mode="linear"),
    case(
        "Resize",
        18,
        "interpolate",
        None,
        None,
        whole(2, 4, 9, 3),
        mode="linear",
        coordinate_transformation_mode="align_corners",
    ),
    case(
        "Resize",
        18,
        "interpolate",
        None,
        None,
        whole(2, 4, 9, 3),
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    ),
    case("Resize", 19, "interpolate", None, DOUBLE, mode="cubic"),
]

ARITHMETIC = [
    case("Add", 13, "affine", np.float32(2)),
    case("Add", 13, "learned_shift", weight(4, 1, 1)),
    case("Sub", 13, "affine", np.float32(2)),
    case("Sub", 13, ("learned", "subtract"), weight(4, 1, 1)),
    case("Mul", 13, "affine", np.float32(3)),
    case("Mul", 13, "learned_scale", weight(1, 4, 1, 1)),
    case("Div", 13, "affine", np.float32(4)),
    case("Div", 13, ("learned", "divide"), P4.reshape(4, 1, 1)),
    case("Pow", 13, "power", np.float32(2)),
    case("Max", 13, "clamp", np.float32(0.1)),
    case("Min", 13, "clamp", np.float32(0.1)),
    case("ReduceMean", 11, "reduce", axes=[2, 3]),
    case("ReduceMean", 11, "reduce", axes=[-1, -2]),
    case("ReduceMean", 18, ("reduce", "flatten"), whole(2, 3), keepdims=0),
    case("ReduceMean", 18, "reduce", whole(1)),
    case("ReduceSum", 11, "reduce", axes=[1]),
    case("ReduceSum", 13, ("reduce", "reshape"), whole(3), keepdims=0),
    case("ReduceMax", 13, "reduce", axes=[1]),
    case("ReduceMin", 18, "reduce", whole(2)),
    case("ReduceL2", 13, "reduce", axes=[1]),
    case("ReduceL1", 13, ("absolute", "reduce"), axes=[1]),
    case("ReduceSumSquare", 13, ("power", "reduce"), axes=[1]),
    case("LpNormalization", 22, ("reduce", "divide"), axis=1),
    case("Einsum", 13, "permute", equation="nchw->nhwc"),
    case("Einsum", 13, "reduce", equation="nchw->nch"),
    case(
        "Einsum",
        13,
        ("learned", "reshape", "matmul", "reshape"),
        weight(6, 5),
        equation="nchw,wk->nchk",
    ),
    case(
        "Einsum",
        13,
        ("learned", "permute", "reshape", "permute", "matmul", "reshape"),
        weight(5, 4),
        equation="nchw,kc->nhwk",
    ),
    case(
        "Einsum",
        13,
        ("learned", "reshape", "reshape", "matmul", "reshape"),
        weight(4, 6, 6),
        equation="nchw,chw->n",
    ),
]

CASES = [*LAYERS, *ACTIVATIONS, *SHAPES, *RESIZES, *ARITHMETIC]


def graph(given: Case) -> onnx.ModelProto:
    names = [f"c{at}" if each is not None else "" for at, each in enumerate(given.constants)]
    constants = {
        name: np.asarray(each)
        for name, each in zip(names, given.constants, strict=True)
        if each is not None
    }
    node = helper.make_node(given.name, ["x", *names], ["y"], **given.attributes)
    return model([node], given.x, constants, given.opset)


def _id(given: Case) -> str:
    more = "-".join(f"{name}={value}" for name, value in given.attributes.items())
    return f"{given.name}-{given.opset}-{more}".replace(" ", "")


@pytest.mark.parametrize("given", CASES, ids=_id)
def test_an_operator_is_read_and_computes_the_same(given: Case, tmp_path: Path) -> None:
    path = saved(graph(given), tmp_path)
    expected = (given.expected,) if isinstance(given.expected, str) else given.expected
    assert tuple(ops(recorded_from_onnx(path))) == expected
    assert_proven(path, *given.x)
