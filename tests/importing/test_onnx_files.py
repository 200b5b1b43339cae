"""Files as they come: the networks that ONNX brings, values elsewhere, and files that are wrong."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from math import prod
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper, shape_inference

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.onnx_file import from_onnx, recorded_from_onnx
from sepconv_cli.importing.onnx_graph import skeleton
from sepconv_cli.lowering.lower import lower
from sepconv_cli.network import Tensor
from tests.importing import onnx_by_hand as by_hand
from tests.importing.onnx_by_hand import totals
from tests.importing.onnx_models import (
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
LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"

# Parameters of torchvision's vgg19, resnet50 and squeezenet1_1, of which these are copies, and
# multiplications that fvcore counts there; of densenet121 with the two numbers for each channel
# that Caffe's scale layers have beside those of a batch norm, 83,648. The others by hand.
PRINTED = {
    "vgg19": (143_667_240, 19_632_062_464),
    "resnet50": (25_557_032, 4_089_184_256),
    "squeezenet": (1_235_496, 349_151_936),
    "densenet121": (7_978_856 + 83_648, 2_834_161_664),
    "bvlc_alexnet": totals(list(by_hand.alexnet())),
    "zfnet512": totals(list(by_hand.zfnet512())),
    "inception_v1": totals(list(by_hand.googlenet())),
    "inception_v2": totals(list(by_hand.bn_inception())),
    "shufflenet": totals(list(by_hand.shufflenet())),
}


def test_the_nine_networks_are_there() -> None:
    assert len(list(LIGHT.glob("*.onnx"))) == 9


@pytest.mark.parametrize("path", sorted(LIGHT.glob("*.onnx")), ids=lambda path: path.stem)
def test_the_networks_that_onnx_brings(path: Path) -> None:
    found = recorded_from_onnx(path)
    assert found.input == Tensor(3, (224, 224))
    assert opaque(found) == []
    counted = parameters(found), multiplications(found)
    assert counted == PRINTED[path.stem.removeprefix("light_")] == second_count(path)


@pytest.mark.parametrize("path", sorted(LIGHT.glob("*.onnx")), ids=lambda path: path.stem)
def test_their_specs_are_the_same_networks(path: Path) -> None:
    """Names are the layers that have each weight; those that a norm or layer has in the file."""
    found = from_onnx(path)
    network = lower(found.spec)
    expected = PRINTED[path.stem.removeprefix("light_")]
    assert sum(each.op.parameters(each.x) for each in network.nodes) == expected[0]
    layers = {place.layer for places in found.names.values() for place in places}
    assert layers <= {each.name for each in network.nodes}


def second_count(path: Path) -> tuple[int, int]:
    """Parameters and multiplications, from nothing but the file's own shapes."""
    graph = shape_inference.infer_shapes(onnx.load(path)).graph
    sizes = {each.name: dims(each) for each in (*graph.value_info, *graph.output)}
    weights = [each.output[0] for each in graph.node if each.op_type == "ConstantOfShape"]
    for each in graph.initializer:
        if each.data_type == TensorProto.FLOAT:
            sizes[each.name] = tuple(each.dims)
            weights.append(each.name)
    norms = [each for each in graph.node if each.op_type == "BatchNormalization"]
    left_out = {name for each in norms for name in each.input[3:]}
    left_out |= set(weights) - {name for each in graph.node for name in each.input}
    products = [
        prod(sizes[each.output[0]]) * prod(sizes[each.input[1]][1:])
        for each in graph.node
        if each.op_type in ("Conv", "Gemm")
    ]
    return sum(prod(sizes[name]) for name in weights if name not in left_out), sum(products)


def dims(given: onnx.ValueInfoProto) -> tuple[int, ...]:
    return tuple(dim.dim_value for dim in given.type.tensor_type.shape.dim)


CONV = node("Conv", ["x", "w"], ["y"], name="conv")


def small(**weights: Any) -> onnx.ModelProto:
    return model([CONV], [1, 3, 8, 8], {"w": weight(4, 3, 3, 3), **weights})


def outside(made: onnx.ModelProto, location: str) -> onnx.ModelProto:
    tensor = made.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    return made


def test_values_in_another_file_are_not_read(tmp_path: Path) -> None:
    """The other file isn't even there."""
    found = recorded_from_onnx(saved(outside(small(), "weights.bin"), tmp_path))
    assert parameters(found) == 4 * 3 * 9


@pytest.mark.parametrize("location", ["../w", "/etc/passwd", "a/../../w", "..\\w", "C:\\w", "\\w"])
def test_values_outside_the_folder_are_refused(location: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the values of w are outside its folder"):
        recorded_from_onnx(saved(outside(small(), location), tmp_path))


def field(number: int, body: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(body)) + body


def varint(number: int) -> bytes:
    return bytes([number & 127 | 128]) + varint(number >> 7) if number > 127 else bytes([number])


def large(folder: Path, rows: int) -> Path:
    """A file with a weight of rows x 16,384, which is a hole in it and takes no room."""
    made = model([node("MatMul", ["x", "w"], ["y"])], ["N", rows])
    size = 4 * rows * 2**14
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[rows, 2**14])
    head = tensor.SerializeToString() + varint(9 << 3 | 2) + varint(size)
    rest = made.graph.SerializeToString()
    made.ClearField("graph")
    initializer = varint(5 << 3 | 2) + varint(len(head) + size) + head
    start = (
        made.SerializeToString() + varint(7 << 3 | 2) + varint(len(rest) + len(initializer) + size)
    )
    path = folder / "large.onnx"
    path.write_bytes(start + rest + initializer)
    os.truncate(path, len(start + rest + initializer) + size)
    assert path.stat().st_size > size
    return path


# A process that may take a quarter of a gigabyte.
BOUNDED = """
import resource, sys
from sepconv_cli.importing.onnx_file import from_onnx
resource.setrlimit(resource.RLIMIT_DATA, (256 * 1024**2, resource.RLIM_INFINITY))
names = from_onnx(sys.argv[1]).names
print({name: place.layer for name, (place,) in names.items()}, 'torch' in sys.modules)
"""


@pytest.mark.parametrize("rows", [31 * 2**10, 3 * 2**14], ids=["nearly 2 GB", "3 GB"])
def test_a_large_file_is_never_read_whole(rows: int, tmp_path: Path) -> None:
    """The second is more than protobuf parses. Nothing of this needs torch."""
    path = large(tmp_path, rows)
    assert parameters(recorded_from_onnx(path)) == rows * 2**14
    command = [sys.executable, "-c", BOUNDED, str(path)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (shown.stdout, shown.stderr) == ("{'w': 'linear'} False\n", "")


def test_large_values_are_left_out_and_small_ones_kept(tmp_path: Path) -> None:
    made = model(
        [node("Reshape", ["x", "to"], ["y"])],
        [1, 4, 9],
        {"to": whole(0, 6, 6), "w": weight(200, 100)},
    )
    path = saved(made, tmp_path)
    kept = onnx.ModelProto.FromString(skeleton.skeleton(path))
    assert [len(each.raw_data) for each in kept.graph.initializer] == [24, 0]
    assert list(kept.graph.initializer[1].dims) == [200, 100]
    kept.graph.initializer[1].raw_data = made.graph.initializer[1].raw_data
    assert kept == made
    assert ops(recorded_from_onnx(path)) == ["reshape"]


def changed(change: Callable[[onnx.ModelProto], Any], made: onnx.ModelProto | None = None) -> bytes:
    found = made or small()
    change(found)
    return bytes(found.SerializeToString())


def graph_of(*nodes: onnx.NodeProto, opset: int = 17, **weights: Any) -> bytes:
    return bytes(model(nodes, [1, 4, 8, 8], weights, opset).SerializeToString())


def with_functions(*functions: onnx.FunctionProto) -> bytes:
    made = model([node("f0", ["x"], ["y"], domain="mine")], [1, 4])
    made.opset_import.append(helper.make_opsetid("mine", 1))
    made.functions.extend(functions)
    return bytes(made.SerializeToString())


def function(at: int, *calls: str) -> onnx.FunctionProto:
    names = ["a", *(f"t{each}" for each in range(len(calls) - 1)), "b"]
    nodes = [
        node(call, [names[step]], [names[step + 1]], domain="mine" if call[0] == "f" else "")
        for step, call in enumerate(calls)
    ]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("mine", 1)]
    return helper.make_function("mine", f"f{at}", ["a"], ["b"], nodes, opsets)


def initializer(shape: list[int]) -> Callable[[onnx.ModelProto], None]:
    def change(made: onnx.ModelProto) -> None:
        made.graph.initializer[0].ClearField("dims")
        made.graph.initializer[0].dims.extend(shape)

    return change


RELU = node("Relu", ["x"], ["y"])
GOOD = small().SerializeToString()
SIDES: Any = {"pads": whole(0, 0, 0, 2**62, 0, 0, 0, 0)}

WRONG: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "cut short": (GOOD[:-7], "is cut short, or isn't an ONNX file"),
    "cut to a byte": (GOOD[:1], "is cut short, or isn't an ONNX file"),
    "a text": (b"name: net\ninput: [3, 8, 8]\n", "isn't an ONNX file"),
    "zeros": (bytes(100), "isn't an ONNX file"),
    "a length beyond any": (b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "is cut short"),
    "a number without an end": (b"\xff" * 50, "is cut short"),
    "another message": (helper.make_opsetid("a", 1).SerializeToString(), "no nodes"),
    "no nodes": (changed(lambda made: made.graph.ClearField("node")), "has no nodes"),
    "no inputs": (changed(lambda made: made.graph.ClearField("input")), "the model has no inputs"),
    "no operators' version": (
        changed(lambda made: made.ClearField("opset_import")),
        "version 0 of ONNX's operators",
    ),
    "a version of the future": (
        changed(lambda made: setattr(made.opset_import[0], "version", 999)),
        "version 999 of ONNX's operators",
    ),
    "reads what nobody makes": (
        graph_of(node("Relu", ["z"], ["y"])),
        "node 0 (Relu) reads z, which no earlier node makes",
    ),
    "reads what comes later": (
        graph_of(node("Relu", ["b"], ["a"]), node("Relu", ["a"], ["b"]), RELU),
        "reads b, which no earlier node makes",
    ),
    "reads itself": (
        graph_of(node("Add", ["x", "y"], ["y"])),
        "reads y, which no earlier node makes",
    ),
    "two of a name": (graph_of(RELU, RELU), "two tensors are called y"),
    "an output like a weight": (
        changed(lambda made: made.graph.node[0].output.__setitem__(0, "w")),
        "two tensors are called w",
    ),
    "an output that nobody makes": (
        graph_of(node("Relu", ["x"], ["z"])),
        "no node makes the output y",
    ),
    "negative sizes": (changed(initializer([4, -3, 3, 3])), "initializer w has the shape 4x-3x3x3"),
    "huge sizes": (
        changed(initializer([2**40, 2**40, 3, 3])),
        "of more elements than fit anywhere",
    ),
    "values of another size": (
        changed(initializer([5, 3, 3, 3])),
        "the values of initializer w don't fit its shape",
    ),
    "an input of negative size": (
        changed(
            lambda made: setattr(made.graph.input[0].type.tensor_type.shape.dim[2], "dim_value", -8)
        ),
        "input x has the shape 1x3x-8x8",
    ),
    "an input of no elements": (
        changed(
            lambda made: setattr(made.graph.input[0].type.tensor_type.shape.dim[0], "dim_value", 0)
        ),
        "input x has the shape 0x3x8x8",
    ),
    "an input that is no tensor": (
        changed(
            lambda made: made.graph.input[0].type.sequence_type.elem_type.tensor_type.SetInParent()
        ),
        "input x is no tensor",
    ),
    "an attribute of another kind": (
        graph_of(node("MaxPool", ["x"], ["y"], kernel_shape="ab")),
        "can't be what it is: Mismatched attribute type",
    ),
    "an attribute without a value": (
        changed(lambda made: made.graph.node[0].attribute.add(name="pads")),
        "can't be what it is: Mismatched attribute type in 'conv : pads'",
    ),
    "an attribute that is missing": (
        graph_of(node("MaxPool", ["x"], ["y"])),
        "can't be what it is",
    ),
    "no stride": (
        graph_of(node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], strides=[0, 0])),
        "strides must only contain positive values",
    ),
    "too few lengths": (
        graph_of(node("MaxPool", ["x"], ["y"], kernel_shape=[2])),
        "kernel_shape has incorrect size",
    ),
    "no block": (
        graph_of(node("DepthToSpace", ["x"], ["y"], blocksize=0)),
        "Blocksize must be positive",
    ),
    "an axis too far": (
        graph_of(node("Flatten", ["x"], ["y"], axis=7)),
        "Invalid value(7) for attribute 'axis'",
    ),
    "a pad beyond any": (
        graph_of(node("Pad", ["x", "pads"], ["y"]), **SIDES),
        "of more elements than fit anywhere",
    ),
    "no inputs of a node": (graph_of(node("Relu", [], ["y"])), "can't be what it is"),
    "a norm of nothing": (
        graph_of(node("GroupNormalization", [], [], num_groups=2), opset=21),
        "can't be what it is",
    ),
    "a function that calls itself": (
        with_functions(function(0, "f0")),
        "its function f0 calls itself",
    ),
    "functions in a circle": (with_functions(function(0, "f1"), function(1, "f0")), "calls itself"),
    "functions that call each other over and over": (
        with_functions(
            *(function(at, *[f"f{at + 1}"] * 10) for at in range(12)), function(12, "Relu")
        ),
        "has more than 100,000 nodes with those of its functions",
    ),
}


@pytest.mark.parametrize(("content", "message"), WRONG.values(), ids=WRONG)
def test_a_file_that_is_wrong_is_one_error(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.onnx"
    path.write_bytes(content)
    with pytest.raises(UsageError) as error:
        recorded_from_onnx(path)
    (problem,) = error.value.problems
    assert message in problem.message
    assert problem.message.startswith(str(path))


def many(count: int) -> Iterator[bytes]:
    """A graph's nodes as bytes, without making them one by one."""
    yield from (field(1, RELU.SerializeToString()) for _ in range(count))


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (lambda: b"".join(many(1_000_000)), "has more than 100,000 nodes"),
        (lambda: field(13, b"") * 2_000_000, "has more than 1,000,000 parts"),
        (lambda: field(10, bytes(60_000)) * 5_000, "holds more than 256 MB beside its weights"),
    ],
    ids=["nodes", "parts", "bytes"],
)
def test_a_graph_beyond_bounds(graph: Callable[[], bytes], message: str, tmp_path: Path) -> None:
    path = tmp_path / "large.onnx"
    path.write_bytes(field(7, graph()))
    with pytest.raises(UsageError, match=message):
        recorded_from_onnx(path)


def test_what_is_no_file(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.onnx"
    os.mkfifo(fifo)
    for path, message in (
        (tmp_path, "is no file"),
        (fifo, "is no file"),
        (tmp_path / "gone.onnx", "can't be read: No such file or directory"),
    ):
        with pytest.raises(UsageError, match=message):
            recorded_from_onnx(path)


@pytest.mark.parametrize("inside", [b"", bytes(70_000)], ids=["small", "large"])
@pytest.mark.parametrize("depth", [150, 5_000])
def test_graphs_too_deep_inside_each_other(depth: int, inside: bytes, tmp_path: Path) -> None:
    graph = field(10, inside)
    for _ in range(depth):
        graph = field(1, field(5, field(6, graph)))
    path = tmp_path / "deep.onnx"
    path.write_bytes(field(7, graph))
    with pytest.raises(UsageError, match=r"too many graphs|is cut short"):
        recorded_from_onnx(path)
