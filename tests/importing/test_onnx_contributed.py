"""onnxruntime's own operators: the ops by hand, the outputs onnxruntime's."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import helper

from sepconv_cli.importing.onnx_file import recorded_from_onnx
from tests.importing.onnx_models import assert_proven, model, opaque, ops, saved, weight

node = helper.make_node
W, B = weight(4, 4, 3, 3), weight(4)
MATRIX, BIAS, SKIP = weight(8, 6), weight(6), weight(5, 8)
GAIN, SHIFT = weight(8, seed=1), weight(8, seed=2)


def written(folder: Path, op: str, x: list[int], *weights: Any, **attributes: Any) -> Path:
    names = [f"w{at}" if each is not None else "" for at, each in enumerate(weights)]
    given = {name: each for name, each in zip(names, weights, strict=True) if name}
    nodes = [node(op, ["x", *names], ["y"], domain="com.microsoft", **attributes)]
    made = model(nodes, x, given)
    made.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return saved(made, folder)


IMAGE, TOKENS, ROWS = [2, 4, 6, 6], [2, 5, 8], [2, 8]


@pytest.mark.parametrize(
    ("op", "x", "weights", "attributes", "expected"),
    [
        ("FusedConv", IMAGE, [W, B], {"activation": "Relu"}, ["conv", "relu"]),
        (
            "FusedConv",
            IMAGE,
            [W, B],
            {"activation": "LeakyRelu", "activation_params": [0.2], "strides": [2, 2]},
            ["conv", "leaky_relu"],
        ),
        ("FusedGemm", ROWS, [MATRIX, BIAS], {"activation": "Tanh"}, ["linear", "tanh"]),
        ("FusedMatMul", TOKENS, [MATRIX], {}, ["linear"]),
        ("Gelu", TOKENS, [], {}, ["gelu"]),
        ("BiasGelu", TOKENS, [GAIN], {}, ["learned_shift", "gelu"]),
        ("FastGelu", TOKENS, [], {}, ["gelu"]),
        ("QuickGelu", TOKENS, [], {}, ["affine", "sigmoid", "multiply"]),
    ],
)
def test_an_operator_of_onnxruntimes_is_what_it_is_made_of(
    op: str,
    x: list[int],
    weights: list[Any],
    attributes: dict[str, Any],
    expected: list[str],
    tmp_path: Path,
) -> None:
    path = written(tmp_path, op, x, *weights, **attributes)
    assert ops(recorded_from_onnx(path)) == expected
    assert_proven(path, *x)


def test_a_sum_and_the_layer_norm_of_it(tmp_path: Path) -> None:
    nodes = [
        node("Relu", ["x"], ["r"]),
        node(
            "SkipLayerNormalization",
            ["r", "x", "g", "b", "more"],
            ["n", "", "", "sum"],
            domain="com.microsoft",
            epsilon=1e-5,
        ),
        node("Add", ["n", "sum"], ["y"]),
    ]
    made = model(nodes, TOKENS, {"g": GAIN, "b": SHIFT, "more": weight(8, seed=3)}, 16)
    made.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    path = saved(made, tmp_path)
    assert ops(recorded_from_onnx(path)) == ["relu", "add", "learned_shift", "layer_norm", "add"]
    assert_proven(path, *TOKENS)


@pytest.mark.parametrize(
    ("op", "weights", "attributes"),
    [
        ("FusedConv", [W, B], {"activation": "Clip", "activation_params": [0.0, 6.0]}),
        ("FusedMatMul", [weight(6, 6)], {"transA": 1}),
        ("FusedMatMul", [weight(6, 6)], {"alpha": 0.5}),
    ],
)
def test_what_isnt_one_of_them_is_opaque(
    op: str, weights: list[Any], attributes: dict[str, Any], tmp_path: Path
) -> None:
    found = recorded_from_onnx(written(tmp_path, op, IMAGE, *weights, **attributes))
    assert opaque(found) == [f"com.microsoft.{op} (its shape isn't known)"]


def test_a_convolution_between_rounding_to_eight_bits_is_a_convolution(tmp_path: Path) -> None:
    """Rounding is opaque: no op here rounds so. Weights of eight bits are the layer's."""
    quantised = np.arange(4 * 3 * 9, dtype=np.int8).reshape(4, 3, 3, 3)
    nodes = [
        node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        node("DequantizeLinear", ["q", "s", "z"], ["d"]),
        node("DequantizeLinear", ["w", "s", "z"], ["f"]),
        node("Conv", ["d", "f"], ["y"]),
    ]
    weights: dict[str, Any] = {
        "w": quantised,
        "s": np.array(0.1, np.float32),
        "z": np.array(0, np.int8),
    }
    found = recorded_from_onnx(saved(model(nodes, [1, 3, 8, 8], weights), tmp_path))
    assert ops(found) == ["opaque", "opaque", "conv"]
    assert opaque(found) == ["QuantizeLinear", "DequantizeLinear"]
    assert found.steps[-1].held[0].learned == ("w",)
