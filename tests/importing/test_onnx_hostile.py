"""Files with bytes changed and cut: an import, or one error of one line; nothing else, ever.

What is changed is a file of many kinds of parts. The changes are the same in every run.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.onnx_file import from_onnx
from tests.importing.onnx_models import model, saved, weight, whole

CUTS = 50
MUTATIONS = 2_000
GROUPS = 8

node = helper.make_node


def everything() -> onnx.ModelProto:
    """Layers, shapes that are worked out, branches, loops, functions, sparse weights, two axes."""
    relu = helper.make_graph(
        [node("Relu", ["n"], ["inner"])],
        "branch",
        [],
        [helper.make_tensor_value_info("inner", onnx.TensorProto.FLOAT, None)],
    )
    values = [
        helper.make_tensor_value_info("at", onnx.TensorProto.INT64, []),
        helper.make_tensor_value_info("go", onnx.TensorProto.BOOL, []),
    ]
    body = helper.make_graph(
        [node("Identity", ["go"], ["on"]), node("Tanh", ["i"], ["each"])],
        "body",
        values,
        [
            helper.make_tensor_value_info("on", onnx.TensorProto.BOOL, []),
            helper.make_tensor_value_info("each", onnx.TensorProto.FLOAT, None),
        ],
    )
    twice = helper.make_function(
        "mine",
        "Twice",
        ["a"],
        ["b"],
        [node("Relu", ["a"], ["r"]), node("Sigmoid", ["r"], ["b"])],
        [helper.make_opsetid("", 17)],
    )
    nodes = [
        node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1], name="/stem/conv/Conv"),
        node("BatchNormalization", ["c", *["four"] * 4], ["n"], epsilon=1e-3),
        node("If", ["yes"], ["i"], then_branch=relu, else_branch=relu),
        node("Loop", ["two", "yes"], ["l"], body=body),
        node("Twice", ["i"], ["t"], domain="mine"),
        node("MaxPool", ["t"], ["p"], kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
        node("Shape", ["p"], ["s"]),
        node("Slice", ["s", "zero", "one"], ["first"]),
        node("Concat", ["first", "rest"], ["flat"], axis=0),
        node("Reshape", ["p", "flat"], ["f"]),
        node("FusedGemm", ["f", "g"], ["m"], transB=1, activation="Tanh", domain="com.microsoft"),
        node("SplitToSequence", ["m", "three"], ["parts"], axis=1),
        node("SequenceAt", ["parts", "zero"], ["left"]),
        node("SequenceAt", ["parts", "one"], ["right"]),
        node("Mul", ["left", "right"], ["y"]),
    ]
    made = model(
        nodes,
        ["n", 3, 8, 8],
        {
            "w": weight(4, 3, 3, 3),
            "b": weight(4),
            "four": np.abs(weight(4)),
            "yes": np.array(True),
            "two": np.array(2),
            "three": np.array(3),
            "zero": whole(0),
            "one": whole(1),
            "rest": whole(-1),
            "g": weight(6, 64),
        },
    )
    made.opset_import.extend(helper.make_opsetid(each, 1) for each in ("mine", "com.microsoft"))
    made.functions.append(twice)
    sparse = helper.make_sparse_tensor(
        numpy_helper.from_array(weight(2), "thin"), numpy_helper.from_array(whole(0, 5)), [9]
    )
    made.graph.sparse_initializer.append(sparse)
    return made


GOOD = everything().SerializeToString()


def outcome(content: bytes, path: Path) -> str:
    """What becomes of a file; whatever else is raised is a failure of the test."""
    path.write_bytes(content)
    try:
        return from_onnx(path).text
    except UsageError as error:
        (problem,) = error.problems
        assert problem.message.isprintable()
        assert len(problem.message) < 600
        return ""


def test_the_file_itself_is_read(tmp_path: Path) -> None:
    found = from_onnx(saved(everything(), tmp_path))
    assert found.opaque == ()
    assert "conv: {out_channels: 4" in found.text
    assert "multiply" in found.text


@pytest.mark.parametrize("cut", range(CUTS))
def test_a_file_that_is_cut(cut: int, tmp_path: Path) -> None:
    """A cut between two of a message's fields leaves a file without what comes after."""
    assert not outcome(GOOD[: len(GOOD) * cut // CUTS], tmp_path / "cut.onnx")


@pytest.mark.parametrize("group", range(GROUPS))
def test_a_file_with_bytes_changed(group: int, tmp_path: Path) -> None:
    path = tmp_path / "changed.onnx"
    texts = [outcome(content, path) for content in changed(group)]
    # Most changes hit a name, a number or a weight, and some break the file.
    assert 0.1 < sum(map(bool, texts)) / len(texts) < 0.9


def changed(group: int) -> Iterator[bytes]:
    chosen = random.Random(group)
    for _ in range(MUTATIONS // GROUPS):
        content = bytearray(GOOD)
        for _ in range(chosen.choice((1, 1, 2, 4))):
            at = chosen.randrange(len(content))
            flipped = content[at] ^ 1 << chosen.randrange(8)
            content[at] = chosen.choice((flipped, chosen.randrange(128), chosen.randrange(256)))
        yield bytes(content)
