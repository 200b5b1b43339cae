"""Whole graphs by hand: batches, constants, several inputs, scopes, and what nobody can tell."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.onnx_file import from_onnx, recorded_from_onnx
from sepconv_cli.importing.steps import Recorded
from sepconv_cli.lowering.lower import lower
from sepconv_cli.network import Tensor
from tests.importing.onnx_models import (
    Dims,
    assert_proven,
    model,
    multiplications,
    opaque,
    ops,
    parameters,
    saved,
    weight,
    whole,
)

node = helper.make_node
FLOAT, INT = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64


def read(
    folder: Path, nodes: list[onnx.NodeProto], x: Dims, shapes: Any = None, **more: Any
) -> Recorded:
    return recorded_from_onnx(saved(model(nodes, x, **more), folder), shapes)


CONV = node("Conv", ["x", "w"], ["c"], name="/stem/conv/Conv")


@pytest.mark.parametrize("batch", [1, 8, "N", "batch_size"])
def test_the_first_axis_is_the_batch_whatever_its_length(batch: int | str, tmp_path: Path) -> None:
    nodes = [CONV, node("Flatten", ["c"], ["y"])]
    found = read(tmp_path, nodes, [batch, 3, 8, 8], weights={"w": weight(4, 3, 3, 3)})
    assert found.input == Tensor(3, (8, 8))
    assert [step.y for step in found.steps] == [Tensor(4, (6, 6)), Tensor(144)]


def heads() -> list[onnx.NodeProto]:
    """Batch x 5 x 8 with the length in front, as two heads folded into the batch, and back."""
    return [
        node("Transpose", ["x"], ["first"], perm=[1, 0, 2]),
        node("Shape", ["x"], ["shape"]),
        node("Gather", ["shape", "zero"], ["n"]),
        node("Mul", ["n", "two"], ["folded"]),
        node("Concat", ["five", "folded", "four"], ["to"], axis=0),
        node("Reshape", ["first", "to"], ["heads"]),
        node("Transpose", ["heads"], ["swapped"], perm=[1, 0, 2]),
        node("Softmax", ["swapped"], ["shares"], axis=1),
        node("Transpose", ["shares"], ["back"], perm=[1, 0, 2]),
        node("Concat", ["five", "n", "eight"], ["again"], axis=0),
        node("Reshape", ["back", "again"], ["length_first"]),
        node("Transpose", ["length_first"], ["y"], perm=[1, 0, 2]),
    ]


NUMBERS = {
    name: whole(n) for name, n in {"zero": 0, "two": 2, "four": 4, "five": 5, "eight": 8}.items()
}


@pytest.mark.parametrize("batch", [1, 3, "N"])
def test_a_batch_that_moves_and_is_folded_into_heads(batch: int | str, tmp_path: Path) -> None:
    found = read(tmp_path, heads(), [batch, 5, 8], weights=NUMBERS)
    shapes = [(step.op.name, step.y) for step in found.steps]
    assert shapes == [
        ("reshape", Tensor(5, (2, 4))),
        ("permute", Tensor(2, (5, 4))),
        ("softmax", Tensor(2, (5, 4))),
        ("permute", Tensor(5, (2, 4))),
        ("reshape", Tensor(5, (8,))),
    ]
    assert found.steps[2].op.axis == 1  # type: ignore[attr-defined]


def test_windows_of_an_image_are_an_axis_of_the_sample(tmp_path: Path) -> None:
    nodes = [
        node("Reshape", ["x", "cut"], ["a"]),
        node("Transpose", ["a"], ["b"], perm=[0, 1, 3, 2, 4, 5]),
        node("Reshape", ["b", "windows"], ["c"]),
        node("MatMul", ["c", "w"], ["y"]),
    ]
    constants = {
        "cut": whole(-1, 2, 4, 2, 4, 6),
        "windows": whole(-1, 16, 6),
        "w": weight(6, 5),
    }
    found = read(tmp_path, nodes, ["N", 8, 8, 6], weights=constants)
    assert ops(found) == ["reshape", "permute", "reshape", "linear"]
    assert found.steps[-1].y == Tensor(4, (16, 5))
    assert multiplications(found) == 4 * 16 * 6 * 5


def test_a_transpose_that_moves_the_batch_alone_is_nothing(tmp_path: Path) -> None:
    nodes = [node("Transpose", ["x"], ["a"], perm=[1, 0, 2]), node("Relu", ["a"], ["y"])]
    assert ops(read(tmp_path, nodes, [2, 5, 8])) == ["relu"]


def test_a_shape_that_the_graph_works_out_is_a_plain_reshape(tmp_path: Path) -> None:
    """Shape, Gather, Unsqueeze, Concat, and -1 by Equal and Where, as torch's exporter has it."""
    nodes = [
        node("Shape", ["x"], ["shape"]),
        node("Gather", ["shape", "at"], ["n"]),
        node("Unsqueeze", ["n", "zero"], ["first"]),
        node("Constant", [], ["rest"], value_ints=[-1, 16]),
        node("Concat", ["first", "rest"], ["to"], axis=0),
        node("Shape", ["to"], ["rank"]),
        node("ConstantOfShape", ["rank"], ["ones"], value=numpy_helper.from_array(whole(1))),
        node("Mul", ["ones", "minus"], ["minuses"]),
        node("Equal", ["to", "minuses"], ["open"]),
        node("Where", ["open", "four", "to"], ["filled"]),
        node("Reshape", ["x", "filled"], ["y"]),
    ]
    constants = {"at": np.array(0), "zero": whole(0), "minus": np.array(-1), "four": whole(4)}
    found = read(tmp_path, nodes, ["N", 4, 4, 4], weights=constants)
    assert ops(found) == ["reshape"]
    assert found.steps[0].y == Tensor(4, (16,))


def test_open_sizes_are_taken_from_the_user(tmp_path: Path) -> None:
    path = saved(model([node("Relu", ["x"], ["y"])], ["N", 3, "height", "width"]), tmp_path)
    assert recorded_from_onnx(path, (3, 32, 48)).input == Tensor(3, (32, 48))
    assert recorded_from_onnx(path, {"x": (3, 32, 48)}).input == Tensor(3, (32, 48))
    with pytest.raises(UsageError) as error:
        recorded_from_onnx(path)
    assert str(error.value) == (
        f"error: {path}: the file leaves open the size of height, width of input x\n"
        "  hint: give the shape of a sample: --input 3,<height>,<width>"
    )


def test_a_size_may_be_another_than_the_files(tmp_path: Path) -> None:
    found = read(tmp_path, [node("Relu", ["x"], ["y"])], [1, 3, 8, 8], shapes=(3, 32, 32))
    assert found.input == Tensor(3, (32, 32))


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ((3, 8), "input x takes samples of 3 axes, not [3, 8]"),
        ({"image": (3, 8, 8)}, "the model has no input image"),
        ((3, 8, 0), "input x has the shape 1x3x8x0"),
        ((3, 8, -1), "input x has the shape 1x3x8x-1"),
        ((3, 2**40, 8), "of more elements than fit anywhere"),
    ],
)
def test_a_shape_that_cant_be(shapes: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message.replace("[", r"\[")):
        read(tmp_path, [node("Relu", ["x"], ["y"])], ["N", 3, "h", "w"], shapes=shapes)


def test_one_name_is_one_length_in_all_inputs(tmp_path: Path) -> None:
    nodes = [node("Add", ["x", "z"], ["y"])]
    shapes = {"x": (3, 4), "z": (3, 5)}
    with pytest.raises(UsageError, match="w is 4 already, so that it can't be 5 in input z"):
        read(tmp_path, nodes, ["N", 3, "w"], shapes=shapes, z=["N", 3, "w"])


def test_branches_are_read_by_what_joins_them(tmp_path: Path) -> None:
    nodes = [
        node("Relu", ["x"], ["a"]),
        node("Sigmoid", ["x"], ["b"]),
        node("Add", ["a", "b"], ["c"]),
        node("Sum", ["a", "b", "c"], ["d"]),
        node("Max", ["a", "b", "d"], ["e"]),
        node("Mean", ["a", "e"], ["f"]),
        node("Concat", ["a", "f"], ["g"], axis=1),
        node("MatMul", ["g", "g"], ["h"]),
        node("Split", ["h"], ["i", "j"], axis=1),
        node("Mul", ["i", "j"], ["y"]),
    ]
    path = saved(model(nodes, [2, 4, 6, 6]), tmp_path)
    found = recorded_from_onnx(path)
    assert ops(found) == [
        "relu", "sigmoid", "add", "add", "maximum", "add", "affine", "concat", "matmul", "slice",
        "slice", "multiply",
    ]  # fmt: skip
    assert found.steps[3].sources == (0, 1, 2)
    assert multiplications(found) == 8 * 6 * 6 * 6
    assert_proven(path, 2, 4, 6, 6)


def test_a_learned_token_is_put_before_the_others(tmp_path: Path) -> None:
    nodes = [node("Concat", ["token", "x"], ["y"], axis=1)]
    path = saved(model(nodes, [1, 5, 8], {"token": weight(1, 1, 8)}), tmp_path)
    found = recorded_from_onnx(path)
    assert [step.y for step in found.steps] == [Tensor(1, (8,)), Tensor(6, (8,))]
    assert found.steps[0].held[0].learned == ("token",)
    assert parameters(found) == 8
    assert_proven(path, 1, 5, 8)


def test_weights_that_are_worked_out_belong_to_their_layer(tmp_path: Path) -> None:
    """Standardised weights are the layer's; arithmetic on them alone isn't the network's."""
    nodes = [
        node("ReduceMean", ["w"], ["mean"], axes=[1, 2, 3]),
        node("Sub", ["w", "mean"], ["centred"]),
        node("Mul", ["centred", "gain"], ["scaled"]),
        node("Conv", ["x", "scaled"], ["y"]),
    ]
    constants = {"w": weight(40, 3, 9, 9), "gain": weight(40, 1, 1, 1)}
    path = saved(model(nodes, [1, 3, 10, 10], constants), tmp_path)
    found = recorded_from_onnx(path)
    assert ops(found) == ["conv"]
    assert found.steps[0].held[0].learned == ("w", "gain")
    assert_proven(path, 1, 3, 10, 10)


def test_an_embedding_reads_indices(tmp_path: Path) -> None:
    nodes = [node("Gather", ["table", "x"], ["a"]), node("MatMul", ["a", "w"], ["y"])]
    constants = {"table": weight(100, 8), "w": weight(8, 3)}
    found = read(tmp_path, nodes, ["N", 5], weights=constants, kind=INT)
    assert ops(found) == ["embedding", "permute", "linear"]
    assert [step.y for step in found.steps][1:] == [Tensor(5, (8,)), Tensor(5, (3,))]
    assert parameters(found) == 800 + 24


def test_attention_of_three_or_four_axes(tmp_path: Path) -> None:
    flat = [node("Attention", ["x", "x", "x"], ["y"], q_num_heads=2, kv_num_heads=2)]
    path = saved(model(flat, [2, 5, 8], opset=23), tmp_path)
    found = recorded_from_onnx(path)
    assert found.steps[-1].y == Tensor(5, (8,))
    # 2 heads x (5 x 5 scores of 4 features, and as many for the sums).
    assert multiplications(found) == 2 * (5 * 5 * 4 + 5 * 4 * 5)
    assert_proven(path, 2, 5, 8)
    apart = [node("Attention", ["x", "x", "x"], ["y"], is_causal=1, scale=0.3)]
    path = saved(model(apart, [2, 3, 5, 4], opset=23), tmp_path)
    assert ops(recorded_from_onnx(path)) == ["scaled_dot_product_attention"]
    assert_proven(path, 2, 3, 5, 4)


@pytest.mark.parametrize(
    ("name", "gates", "op"), [("LSTM", 4, "lstm"), ("GRU", 3, "gru"), ("RNN", 1, "rnn")]
)
@pytest.mark.parametrize("directions", [1, 2])
def test_recurrent_layers(name: str, gates: int, op: str, directions: int, tmp_path: Path) -> None:
    """7 steps of 5 features to 6, as torch.nn has it: the batch in the middle."""
    constants = {
        "w": weight(directions, gates * 6, 5),
        "r": weight(directions, gates * 6, 6),
        "b": weight(directions, 2 * gates * 6),
    }
    nodes = [
        node("Transpose", ["x"], ["steps"], perm=[1, 0, 2]),
        node(name, ["steps", "w", "r", "b"], ["hidden"], hidden_size=6,
             direction="bidirectional" if directions == 2 else "forward"),
        node("Transpose", ["hidden"], ["side"], perm=[0, 2, 1, 3]),
        node("Reshape", ["side", "to"], ["y"]),
    ]  # fmt: skip
    found = read(tmp_path, nodes, ["N", 7, 5], weights={**constants, "to": whole(0, 0, -1)})
    assert ops(found)[0] == op
    assert found.steps[-1].y == Tensor(7, (6 * directions,))
    assert parameters(found) == directions * gates * 6 * (5 + 6 + 2)
    assert multiplications(found) == 7 * directions * gates * 6 * (5 + 6)
    assert not opaque(found)


def test_only_what_is_read_of_a_nodes_outputs_counts(tmp_path: Path) -> None:
    nodes = [
        node("MaxPool", ["x"], ["a", "indices"], kernel_shape=[2, 2]),
        node("Dropout", ["a"], ["y", "mask"]),
    ]
    assert ops(read(tmp_path, nodes, [1, 3, 8, 8])) == ["max_pool"]


def test_an_output_that_nobody_can_tell_is_opaque_and_the_first_is_not(tmp_path: Path) -> None:
    nodes = [
        node("MaxPool", ["x"], ["a", "indices"], kernel_shape=[2, 2]),
        node("Cast", ["indices"], ["b"], to=1),
        node("Add", ["a", "b"], ["y"]),
    ]
    found = read(tmp_path, nodes, [1, 3, 8, 8])
    assert ops(found) == ["max_pool", "opaque", "add"]
    assert opaque(found) == ["MaxPool (other output)"]


def test_what_nobody_knows_is_opaque_with_its_shape(tmp_path: Path) -> None:
    """Of another domain, with graphs inside, or of no op here; the rest is counted as ever."""
    positive = inner("r", node("Relu", ["c"], ["r"]))
    nodes = [
        CONV,
        node("ReduceMax", ["c"], ["most"], keepdims=0),
        node("Cast", ["most"], ["yes"], to=onnx.TensorProto.BOOL),
        node("If", ["yes"], ["d"], then_branch=positive, else_branch=positive),
        node("CumSum", ["d", "axis"], ["e"]),
        node("Fast", ["e"], ["f"], domain="com.fast"),
        node("Relu", ["f"], ["y"]),
    ]
    made = model(nodes, [1, 3, 8, 8], {"w": weight(4, 3, 3, 3), "axis": np.array(1)})
    made.opset_import.append(helper.make_opsetid("com.fast", 1))
    made.graph.value_info.append(helper.make_tensor_value_info("f", FLOAT, [1, 2, 6, 6]))
    found = recorded_from_onnx(saved(made, tmp_path))
    assert ops(found) == ["conv", *["opaque"] * 5, "relu"]
    assert opaque(found) == ["ReduceMax", "Cast", "If", "CumSum", "com.fast.Fast"]
    assert [step.sources for step in found.steps] == [(-1,), (0,), (1,), (2, 0), (3,), (4,), (5,)]
    assert found.steps[-1].y == Tensor(2, (6, 6))


def test_a_shape_that_depends_on_values_is_said_to_be_unknown(tmp_path: Path) -> None:
    nodes = [
        node("NonZero", ["x"], ["a"]),
        node("Cast", ["a"], ["b"], to=1),
        node("Relu", ["b"], ["y"]),
    ]
    found = read(tmp_path, nodes, [1, 8])
    assert opaque(found) == [
        f"{name} (its shape isn't known)" for name in ("NonZero", "Cast", "Relu")
    ]


def test_functions_of_a_model_are_read_inside(tmp_path: Path) -> None:
    function = helper.make_function(
        "mine", "Twice", ["a"], ["b"],
        [node("Relu", ["a"], ["r"]), node("Sigmoid", ["r"], ["b"])],
        [helper.make_opsetid("", 17)],
    )  # fmt: skip
    made = model([node("Twice", ["x"], ["y"], domain="mine")], [1, 3, 8])
    made.opset_import.append(helper.make_opsetid("mine", 1))
    made.functions.append(function)
    assert ops(recorded_from_onnx(saved(made, tmp_path))) == ["relu", "sigmoid"]


def scoped(scopes: str, classes: str, **more: Any) -> onnx.NodeProto:
    made = node("Conv", ["x", "block.0.conv.weight"], ["y"], **more)
    for key, value in (("name_scopes", scopes), ("class_hierarchy", classes)):
        if value:
            made.metadata_props.add(key=f"pkg.torch.onnx.{key}", value=value)
    return made


@pytest.mark.parametrize(
    ("made", "path", "classes"),
    [
        (
            scoped(
                "['', 'block', 'block.0', 'block.0.conv', 'conv2d']",
                "['a.Net', 'torch.nn.modules.container.Sequential', 'a.Block', 'b.Conv2d', 'aten']",
            ),
            ("", "block", "0", "conv"),
            ("", "Sequential", "Block", "Conv2d"),
        ),
        # The batch norm was folded into the convolution, whose weight says who it was.
        (
            scoped("['', 'block', 'block.0', 'block.0.bn', 'batch_norm']", ""),
            ("", "block", "0", "conv"),
            ("", "Block", "BlockLayer", "Conv"),
        ),
        # A list of modules is never called.
        (
            scoped("['', 'block.0', 'block.0.conv', 'conv2d']", ""),
            ("", "block", "0", "conv"),
            ("", "ModuleList", "BlockLayer", "Conv"),
        ),
        (
            scoped("", "", name="/block/block.0/conv/Conv"),
            ("", "block", "0", "conv"),
            ("", "Block", "BlockLayer", "Conv"),
        ),
        (
            scoped("", "", name="/block.0/conv/Conv_1"),
            ("", "block", "0", "conv"),
            ("", "ModuleList", "BlockLayer", "Conv"),
        ),
        (scoped("", "", name="model/stem/Conv2D"), ("", "model", "stem"), ("", "Model", "Stem")),
        (scoped("", "", name="Conv_7"), ("",), ("",)),
        (scoped("__import__('os')", "", name="Conv_7"), ("",), ("",)),
    ],
)
def test_modules_by_what_the_exporter_wrote(
    made: onnx.NodeProto, path: tuple[str, ...], classes: tuple[str, ...], tmp_path: Path
) -> None:
    found = read(
        tmp_path, [made], [1, 3, 8, 8], weights={"block.0.conv.weight": weight(4, 3, 3, 3)}
    )
    assert found.steps[0].path == path
    assert found.steps[0].classes == classes


def told(made: onnx.ModelProto, name: str, **about: str) -> onnx.ModelProto:
    info = made.graph.value_info.add(name=name)
    keys = {
        "kind": "pkg.torch.export.graph_signature.InputSpec.kind",
        "folded": "pkg.onnxscript.optimizer.folded_from",
    }
    for key, value in about.items():
        info.metadata_props.add(key=keys[key], value=value)
    return made


@pytest.mark.parametrize(
    ("name", "shape", "about", "learned"),
    [
        ("scale", (4, 1, 1), {}, True),
        ("scale", (), {}, False),
        ("block.scale", (), {}, True),
        ("scale", (), {"kind": "PARAMETER"}, True),
        ("block.scale", (), {"kind": "BUFFER"}, False),
        ("val_3", (), {"folded": "['block.scale']"}, False),
        ("val_3", (4, 1, 1), {"folded": "['norm.weight', 'val_1']"}, True),
        ("val_3", (4, 1, 1), {"folded": "['view', 'pos_embed']"}, True),
    ],
)
def test_what_is_learned(
    name: str, shape: tuple[int, ...], about: dict[str, str], learned: bool, tmp_path: Path
) -> None:
    made = told(
        model([node("Mul", ["x", name], ["y"])], [1, 4, 8, 8], {name: weight(*shape)}),
        name,
        **about,
    )
    found = recorded_from_onnx(saved(made, tmp_path))
    assert ops(found) == ["learned_scale" if learned else "affine"]


def test_a_mask_is_no_parameter(tmp_path: Path) -> None:
    made = told(
        model([node("Add", ["x", "val_3"], ["y"])], [1, 4, 8], {"val_3": weight(4, 8)}),
        "val_3",
        folded="['new_zeros', 'slice_1', 'attn.lifted_tensor_0']",
    )
    found = recorded_from_onnx(saved(made, tmp_path))
    assert ops(found) == ["constant", "add"]
    assert parameters(found) == 0


def test_weights_that_were_taken_out_of_a_file_count_as_they_did(tmp_path: Path) -> None:
    """onnx.tools.replace_constants leaves ConstantOfShape in their place."""
    value = numpy_helper.from_array(np.array([0.5], np.float32))
    nodes = [
        node("ConstantOfShape", ["w__SHAPE"], ["w"], value=value),
        node("ConstantOfShape", ["s__SHAPE"], ["s"], value=value),
        CONV,
        node("Mul", ["c", "s"], ["y"]),
    ]
    constants = {"w__SHAPE": whole(4, 3, 3, 3), "s__SHAPE": whole(4, 1, 1)}
    found = read(tmp_path, nodes, [1, 3, 8, 8], weights=constants)
    assert ops(found) == ["conv", "learned_scale"]
    assert parameters(found) == 4 * 3 * 9 + 4


def inner(name: str, *nodes: onnx.NodeProto, **weights: Any) -> onnx.GraphProto:
    given = [numpy_helper.from_array(each, key) for key, each in weights.items()]
    outputs = [helper.make_tensor_value_info(name, FLOAT, None)]
    return helper.make_graph(list(nodes), "inner", [], outputs, given)


@pytest.mark.parametrize(("rank", "expected"), [(4, ["conv", "relu"]), (3, ["conv", "sigmoid"])])
def test_of_an_if_whose_condition_is_known_only_the_branch_that_is_taken_is_read(
    rank: int, expected: list[str], tmp_path: Path
) -> None:
    """The older exporter asks so for sizes that the shapes tell; both branches use one name."""
    first = inner("r", node("Conv", ["x", "k"], ["c"]), node("Relu", ["c"], ["r"]))
    other = inner("r", node("Conv", ["x", "k"], ["c"]), node("Sigmoid", ["c"], ["r"]))
    nodes = [
        node("Shape", ["x"], ["shape"]),
        node("Size", ["shape"], ["rank"]),
        node("Equal", ["rank", "asked"], ["is"]),
        node("If", ["is"], ["y"], then_branch=first, else_branch=other),
    ]
    path = saved(
        model(nodes, [1, 3, 8, 8], {"asked": np.array(rank), "k": weight(4, 3, 3, 3)}), tmp_path
    )
    assert ops(recorded_from_onnx(path)) == expected
    assert_proven(path, 1, 3, 8, 8)


def test_branches_inside_branches_and_two_of_the_same_names(tmp_path: Path) -> None:
    """The inner one reads a tensor of the outer one; a branch may hand on what came before it."""
    innermost = inner("r", node("Add", ["c", "x"], ["r"]))
    handed = inner("x")
    outer = inner(
        "r",
        node("Relu", ["x"], ["c"]),
        node("If", ["yes"], ["r"], then_branch=innermost, else_branch=handed),
    )
    nodes = [
        node("If", ["yes"], ["a"], then_branch=outer, else_branch=handed),
        node("If", ["no"], ["b"], then_branch=outer, else_branch=handed),
        node("If", ["yes"], ["d"], then_branch=outer, else_branch=handed),
        node("Sum", ["a", "b", "d"], ["y"]),
    ]
    weights = {"yes": np.array(True), "no": np.array(False)}
    path = saved(model(nodes, [1, 3, 8, 8], weights), tmp_path)
    assert ops(recorded_from_onnx(path)) == ["relu", "add", "relu", "add", "add"]


def test_weights_inside_a_branch_are_the_models(tmp_path: Path) -> None:
    """Two branches may call theirs alike."""
    one = inner("r", node("Conv", ["x", "k"], ["r"]), k=weight(3, 3, 3, 3))
    other = inner("r", node("Conv", ["a", "k"], ["r"]), k=weight(5, 3, 3, 3))
    nodes = [
        node("If", ["yes"], ["a"], then_branch=one, else_branch=one),
        node("If", ["no"], ["y"], then_branch=one, else_branch=other),
    ]
    weights = {"yes": np.array(True), "no": np.array(False)}
    found = from_onnx(saved(model(nodes, [1, 3, 8, 8], weights), tmp_path))
    assert {name: place.layer for name, (place,) in found.names.items()} == {
        "a/k": "conv_1",
        "y/k": "conv_2",
    }
    assert sum(each.op.parameters(each.x) for each in lower(found.spec).nodes) == 81 + 135


@pytest.mark.parametrize(
    ("opset", "lengths", "first"),
    [(17, np.array(2), 2), (11, whole(1, 3), 1)],
    ids=["parts of two", "one and three"],
)
def test_a_sequence_is_its_tensors(opset: int, lengths: Any, first: int, tmp_path: Path) -> None:
    """Split, taken out again, the last changed, put together in another order and joined."""
    nodes = [
        node("SplitToSequence", ["x", "lengths"], ["parts"], axis=1),
        node("SequenceAt", ["parts", "zero"], ["a"]),
        node("SequenceAt", ["parts", "last"], ["b"]),
        node("Relu", ["b"], ["r"]),
        node("SequenceConstruct", ["r", "a"], ["both"]),
        node("ConcatFromSequence", ["both"], ["y"], axis=1),
    ]
    weights = {"lengths": lengths, "zero": np.array(0), "last": np.array(-1)}
    found = from_onnx(saved(model(nodes, [2, 4, 6], weights, opset), tmp_path))
    assert found.opaque == ()
    layers = [(each.op.name, each.y.channels) for each in lower(found.spec).nodes]
    rest = 4 - first
    assert layers == [("slice", rest), ("relu", rest), ("slice", first), ("concat", 4)]


@pytest.mark.parametrize(
    ("taken", "at"), [("SequenceAt", "open"), ("SequenceLength", None)], ids=str
)
def test_a_sequence_that_nobody_can_tell_is_opaque(
    taken: str, at: str | None, tmp_path: Path
) -> None:
    """Which of them is taken hangs on a value; or something else is done with it."""
    nodes = [
        node("ReduceMax", ["x"], ["most"], keepdims=0),
        node("Cast", ["most"], ["open"], to=INT),
        node("SplitToSequence", ["x", "two"], ["parts"], axis=1),
        node(taken, ["parts", *([at] if at else [])], ["y"]),
    ]
    found = from_onnx(saved(model(nodes, [2, 4, 6], {"two": np.array(2)}), tmp_path))
    assert any(each.function.startswith(taken) for each in found.opaque)
