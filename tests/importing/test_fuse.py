"""What exporters take apart, put together again: one op, and the same outputs."""

from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from sepconv_cli.importing.onnx_file import recorded_from_onnx
from tests.importing.onnx_models import assert_proven, model, ops, saved, weight, whole

node = helper.make_node


def chain(*calls: str) -> list[onnx.NodeProto]:
    """Nodes as `made = Operator(read, ...)`."""
    found = []
    for call in calls:
        made, rest = call.split(" = ")
        operator, _, inputs = rest.rstrip(")").partition("(")
        found.append(node(operator, inputs.split(", "), [made]))
    return found


def numbers(**given: float) -> dict[str, Any]:
    return {name: np.array(value, np.float32) for name, value in given.items()}


HALF = numbers(root=sqrt(2), one=1, half=0.5, three=3, cubed=0.044715, pi=sqrt(2 / np.pi), two=2)
LAST = {"last": whole(-1), **numbers(eps=1e-5, two=2)}
SCALE, SHIFT = weight(8), weight(8, seed=1)

ERF = ("a = Div(x, root)", "b = Erf(a)")
CENTRED = ("m = ReduceMean(x, last)", "c = Sub(x, m)", "s = Pow(c, two)", "v = ReduceMean(s, last)",
           "e = Add(v, eps)", "r = Sqrt(e)")  # fmt: skip
SQUARED = ("s = Pow(x, two)", "v = ReduceMean(s, last)", "e = Add(v, eps)", "r = Sqrt(e)")
TOKENS, IMAGE = (2, 5, 8), (2, 8, 4, 4)

CASES: dict[str, tuple[list[onnx.NodeProto], dict[str, Any], tuple[int, ...], list[str]]] = {
    "silu": (chain("g = Sigmoid(x)", "y = Mul(x, g)"), {}, IMAGE, ["silu"]),
    "silu, x last": (chain("g = Sigmoid(x)", "y = Mul(g, x)"), {}, IMAGE, ["silu"]),
    "hard swish": (
        [node("HardSigmoid", ["x"], ["g"], alpha=1 / 6), *chain("y = Mul(x, g)")],
        {},
        IMAGE,
        ["hard_swish"],
    ),
    "mish": (chain("s = Softplus(x)", "t = Tanh(s)", "y = Mul(x, t)"), {}, IMAGE, ["mish"]),
    "gelu, half last": (
        chain(*ERF, "c = Add(b, one)", "d = Mul(x, c)", "y = Mul(d, half)"),
        HALF,
        TOKENS,
        ["gelu"],
    ),
    "gelu, half first": (
        chain("h = Mul(x, half)", *ERF, "c = Add(one, b)", "y = Mul(c, h)"),
        HALF,
        TOKENS,
        ["gelu"],
    ),
    "gelu by tanh": (
        chain(
            "p = Pow(x, three)", "q = Mul(p, cubed)", "s = Add(x, q)", "t = Mul(s, pi)",
            "b = Tanh(t)", "c = Add(b, one)", "h = Mul(x, half)", "y = Mul(h, c)",
        ),
        HALF,
        TOKENS,
        ["gelu"],
    ),
    "layer norm": (
        chain(*CENTRED, "n = Div(c, r)", "o = Mul(n, scale)", "y = Add(o, shift)"),
        {**LAST, "scale": SCALE, "shift": SHIFT},
        TOKENS,
        ["layer_norm"],
    ),
    "layer norm without a bias": (
        chain(*CENTRED, "n = Div(c, r)", "y = Mul(n, scale)"),
        {**LAST, "scale": SCALE},
        TOKENS,
        ["layer_norm"],
    ),
    "layer norm without weights": (chain(*CENTRED, "y = Div(c, r)"), LAST, TOKENS, ["layer_norm"]),
    "rms norm": (
        chain(*SQUARED, "n = Div(x, r)", "y = Mul(scale, n)"),
        {**LAST, "scale": SCALE},
        TOKENS,
        ["rms_norm"],
    ),
    "rms norm by a reciprocal": (
        chain(*SQUARED, "i = Reciprocal(r)", "n = Mul(x, i)", "y = Mul(n, scale)"),
        {**LAST, "scale": SCALE},
        TOKENS,
        ["rms_norm"],
    ),
    "group norm": (
        [
            *chain("g = Reshape(x, groups)"),
            node("InstanceNormalization", ["g", "ones", "zeros"], ["n"], epsilon=0.1),
            *chain("s = Shape(x)", "b = Reshape(n, s)", "o = Mul(b, scale)", "y = Add(o, shift)"),
        ],
        {"groups": whole(0, 2, -1), "scale": weight(8, 1, 1), "shift": weight(8, 1, 1, seed=1)},
        IMAGE,
        ["group_norm"],
    ),
    "channel shuffle": (
        [
            *chain("g = Reshape(x, groups)"),
            node("Transpose", ["g"], ["t"], perm=[0, 2, 1, 3, 4]),
            *chain("y = Reshape(t, back)"),
        ],
        {"groups": whole(0, 4, 2, 4, 4), "back": whole(0, 8, 4, 4)},
        IMAGE,
        ["channel_shuffle"],
    ),
    "bias of a convolution": (
        chain("c = Conv(x, w)", "y = Add(c, b)"),
        {"w": weight(6, 8, 3, 3), "b": weight(1, 6, 1, 1)},
        IMAGE,
        ["conv"],
    ),
    "bias of a linear layer, first": (
        chain("c = MatMul(x, w)", "y = Add(b, c)"),
        {"w": weight(8, 6), "b": weight(6)},
        TOKENS,
        ["linear"],
    ),
}  # fmt: skip


def constants() -> list[onnx.NodeProto]:
    """Ones and zeros that aren't weights."""
    return [
        node("Constant", [], [name], value_floats=[value] * 2)
        for name, value in (("ones", 1.0), ("zeros", 0.0))
    ]


@pytest.mark.parametrize("name", CASES)
def test_parts_are_one_op_that_computes_the_same(name: str, tmp_path: Path) -> None:
    nodes, weights, x, expected = CASES[name]
    path = saved(model([*constants(), *nodes], x, weights, opset=18), tmp_path)
    assert ops(recorded_from_onnx(path)) == expected
    assert_proven(path, *x)


def test_the_epsilon_is_kept(tmp_path: Path) -> None:
    nodes, weights, x, _ = CASES["layer norm"]
    made = model(nodes, x, {**weights, **numbers(eps=0.25)}, opset=18)
    (step,) = recorded_from_onnx(saved(made, tmp_path)).steps
    assert step.op.eps == 0.25  # type: ignore[attr-defined]


# The scale that is written; one half is 1 / sqrt(4), which needs no word.
ATTENTION: dict[str, tuple[float | None, tuple[str, ...]]] = {
    "query scaled": (None, ("q = Mul(x, scale)", "k = Transpose(x)", "s = MatMul(q, k)")),
    "keys scaled": (None, ("k = Transpose(x)", "l = Mul(k, scale)", "s = MatMul(x, l)")),
    "keys scaled first": (None, ("l = Mul(x, scale)", "k = Transpose(l)", "s = MatMul(x, k)")),
    "scores scaled": (None, ("k = Transpose(x)", "p = MatMul(x, k)", "s = Mul(p, scale)")),
    "query and keys scaled": (
        1.0,
        ("q = Mul(x, two)", "k = Transpose(x)", "l = Mul(k, scale)", "s = MatMul(q, l)"),
    ),
    "not scaled": (1.0, ("k = Transpose(x)", "s = MatMul(x, k)")),
}


@pytest.mark.parametrize("name", ATTENTION)
def test_attention_wherever_it_is_scaled(name: str, tmp_path: Path) -> None:
    scale, calls = ATTENTION[name]
    nodes = chain(*calls, "a = Softmax(s)", "y = MatMul(a, x)")
    for each in nodes:
        if each.op_type == "Transpose":
            each.attribute.append(helper.make_attribute("perm", [0, 1, 3, 2]))
    path = saved(model(nodes, (2, 3, 5, 4), numbers(scale=0.5, two=2)), tmp_path)
    found = recorded_from_onnx(path)
    assert ops(found) == ["scaled_dot_product_attention"]
    assert found.steps[0].op.scale == scale  # type: ignore[attr-defined]
    assert_proven(path, 2, 3, 5, 4)


def test_keys_whose_axes_move_for_another_reason_too(tmp_path: Path) -> None:
    """Length x heads x features to heads x features x length, in one step."""
    nodes = [
        node("Transpose", ["x"], ["q"], perm=[0, 2, 1, 3]),
        node("Transpose", ["x"], ["k"], perm=[0, 2, 3, 1]),
        *chain("s = MatMul(q, k)", "a = Softmax(s)", "y = MatMul(a, q)"),
    ]
    path = saved(model(nodes, (2, 5, 3, 4)), tmp_path)
    found = recorded_from_onnx(path)
    assert ops(found) == ["permute", "permute", "scaled_dot_product_attention"]
    assert_proven(path, 2, 5, 3, 4)


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (("g = Sigmoid(x)", "m = Mul(x, g)", "y = Add(m, g)"), ["sigmoid", "multiply", "add"]),
        (
            ("c = MatMul(x, w)", "b = Add(c, shift)", "y = Mul(b, c)"),
            ["linear", "learned_shift", "multiply"],
        ),
        ((*CENTRED, "n = Div(c, r)", "y = Add(n, m)"), None),
        ((*CENTRED, "y = Div(x, r)"), None),
    ],
)  # fmt: skip
def test_what_others_read_stays(
    calls: tuple[str, ...], expected: list[str] | None, tmp_path: Path
) -> None:
    weights = {**LAST, "w": weight(8, 8), "shift": SHIFT}
    path = saved(model(chain(*calls), TOKENS, weights, opset=18), tmp_path)
    found = ops(recorded_from_onnx(path))
    assert "layer_norm" not in found
    assert expected in (None, found)
    assert_proven(path, *TOKENS)


def test_a_part_that_is_an_output_stays(tmp_path: Path) -> None:
    made = model(chain("g = Sigmoid(x)", "y = Mul(x, g)"), TOKENS)
    made.graph.output.append(helper.make_tensor_value_info("g", onnx.TensorProto.FLOAT, None))
    found = recorded_from_onnx(saved(made, tmp_path))
    assert ops(found) == ["sigmoid", "multiply"]
    assert found.outputs == (1, 0)
