"""Every op as ONNX, held to torch by onnxruntime, and to what is read of the file again."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from msgspec.structs import replace

from sepconv_cli.export.onnx_model import onnx_model
from sepconv_cli.export.onnx_nodes import WRITERS
from sepconv_cli.export.weights import TensorValues
from sepconv_cli.importing.onnx_file import recorded_from_onnx
from sepconv_cli.network import Network, Node
from sepconv_cli.ops.add import Add
from sepconv_cli.registry import names
from sepconv_cli.trace.build import Graph
from tests.examples import EXAMPLES, Example
from tests.export.weights_of import filled, weights_of
from tests.importing.onnx_models import multiplications, parameters

WRITTEN = [example for example in EXAMPLES if example.op.name != "opaque"]


@pytest.fixture(params=WRITTEN, ids=repr)
def example(request: pytest.FixtureRequest) -> Example:
    found: Example = request.param
    return found


def test_every_op_but_opaque_is_written() -> None:
    assert {*WRITERS, "opaque"} == set(names("ops"))


def sample(example: Example, batch: int, seed: int = 0) -> TensorValues:
    """Positive where torch has no number otherwise; the first index where there are indices."""
    x = np.random.default_rng(seed).normal(size=(batch, *example.x.axes)).astype(np.float32)
    if example.op.name in ("log", "sqrt", "rsqrt", "power"):
        return np.abs(x) + np.float32(0.1)
    return np.zeros_like(x) if example.op.name == "embedding" else x


def session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def run(model: onnx.ModelProto, x: TensorValues) -> list[TensorValues]:
    """With zeros for all inputs but the first."""
    ready = session(model)
    first, *others = ready.get_inputs()
    feeds = {first.name: x.astype(np.int64) if "int64" in first.type else x}
    for each in others:
        feeds[each.name] = np.zeros((len(x), *each.shape[1:]), np.float32)
    found: list[TensorValues] = ready.run(None, feeds)
    return found


def same(example: Example, module: Graph, model: onnx.ModelProto, batch: int) -> bool:
    x = sample(example, batch)
    wanted = module(torch.from_numpy(x)).numpy()
    (found,) = run(model, x)
    return wanted.shape == found.shape and np.allclose(
        found, wanted, rtol=1e-4, atol=1e-4, equal_nan=True
    )


def test_what_is_written_computes_what_torch_does(example: Example) -> None:
    network = example.network()
    module = filled(network)
    assert same(example, module, onnx_model(network, weights=weights_of(network, module)), 1)


def test_batches_of_a_size_that_is_written_and_of_any(example: Example) -> None:
    network = example.network()
    module = filled(network)
    weights = weights_of(network, module)
    assert same(example, module, onnx_model(network, batch=3, weights=weights), 3)
    assert same(example, module, onnx_model(network, batch=None, weights=weights), 2)


def in_file(node: Node) -> int:
    """The parameters of a node that a reader of its file finds.

    Those that a layer's weights were made of aren't there; where values are made of learned ones,
    they are taken for learned themselves.
    """
    return {"further_parameters": 0, "learned": node.y.elements}.get(
        node.op.name, node.own_parameters
    )


def beside_the_input(network: Network) -> Network:
    """What is learned and leaves as it is would be read as a constant, so something is added."""
    (node,) = network.nodes[-1:]
    if node.op.name != "learned":
        return network
    learned = replace(node, x=node.y)
    added = Node("sum", "sum", Add(), node.y, node.y, others=(node.y,), sources=(-1, 0))
    return Network(node.y, (learned, added))


def test_what_is_read_again_has_the_same_parameters_and_products(
    example: Example, tmp_path: Path
) -> None:
    network = beside_the_input(example.network())
    file = tmp_path / "network.onnx"
    onnx.save(onnx_model(network), file)
    read = recorded_from_onnx(file)
    nodes = network.nodes
    assert parameters(read) == sum(map(in_file, nodes))
    assert multiplications(read) == sum(
        work.amount
        for node in nodes
        for work in node.op.work_on(node.inputs, node.y)
        if (work.kind, work.role) == ("multiply_add", "kernel")
    )
