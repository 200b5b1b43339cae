"""Small ONNX models made by hand, and the proof that what is read of one computes the same."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper

from sepconv_cli.importing.onnx_file import recorded_from_onnx
from sepconv_cli.importing.onnx_graph.graph import read_graph
from sepconv_cli.importing.onnx_graph.model import read_model
from sepconv_cli.importing.steps import Held, Recorded, Step
from sepconv_cli.network import Network, Node, verify
from sepconv_cli.trace.build import build_module

Array = np.ndarray[Any, Any]
Dims = Sequence[int | str]

RANDOM = np.random.default_rng(11)


def weight(*shape: int, seed: int = 0) -> Array:
    """Numbers that differ from each other and from every other weight's."""
    return np.random.default_rng((seed, *shape)).normal(size=shape).astype(np.float32)


def whole(*numbers: int) -> Array:
    return np.array(numbers, np.int64)


def model(
    nodes: Sequence[onnx.NodeProto],
    x: Dims,
    weights: dict[str, Array] | None = None,
    opset: int = 17,
    kind: int = onnx.TensorProto.FLOAT,
    **inputs: Dims,
) -> onnx.ModelProto:
    """A model from `x`, and other inputs by name, to `y`."""
    given = {"x": x, **inputs}
    graph = helper.make_graph(
        list(nodes),
        "by_hand",
        [helper.make_tensor_value_info(name, kind, dims) for name, dims in given.items()],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in (weights or {}).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def saved(made: onnx.ModelProto, folder: Path) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(made.SerializeToString())
    return path


def network(recorded: Recorded) -> Network:
    """The steps as a network, without a spec between."""

    def shape(at: int) -> Any:
        return recorded.input if at < 0 else recorded.steps[at].y

    nodes = [
        Node(
            name=str(at),
            layer=".".join(step.path[1:]),
            op=step.op,
            x=shape(step.sources[0]),
            y=step.y,
            others=tuple(shape(source) for source in step.sources[1:]),
            sources=step.sources,
        )
        for at, step in enumerate(recorded.steps)
    ]
    found = Network(recorded.input, tuple(nodes))
    verify(found)
    return found


def ops(recorded: Recorded) -> list[str]:
    return [step.op.name for step in recorded.steps]


def parameters(recorded: Recorded) -> int:
    return sum(node.op.parameters(node.x) for node in network(recorded).nodes)


def multiplications(recorded: Recorded) -> int:
    """Those of convolutions, linear layers and matrix products."""
    return sum(
        work.amount
        for node in network(recorded).nodes
        for work in node.op.work_on(node.inputs, node.y)
        if (work.kind, work.role) == ("multiply_add", "kernel")
    )


def opaque(recorded: Recorded) -> list[str]:
    found = [step.op for step in recorded.steps if step.op.is_opaque]
    return [getattr(op, "function", "") for op in found]


def outputs(path: Path, x: Array) -> Array:
    """What torch computes with the ops that were read and the weights in the file."""
    recorded = recorded_from_onnx(path)
    module = build_module(network(recorded)).float()
    for step, part, values in zip(recorded.steps, module, _values(path, recorded, x), strict=True):
        _fill(step, part, values)
    made: list[torch.Tensor] = []
    given = torch.from_numpy(x)
    with torch.no_grad():
        for part, reads in zip(module, module.reads, strict=True):
            made.append(part(*(given if at < 0 else made[at] for at in reads)))
    (last,) = recorded.outputs
    found: Array = (given if last < 0 else made[last]).numpy()
    return found


def _values(path: Path, recorded: Recorded, x: Array) -> Iterator[list[Array]]:
    """The numbers of every step's weights, as the file has them or makes them of others."""
    loaded = onnx.load(path)
    names = read_graph(read_model(path), None).names
    told = {each.name: numpy_helper.to_array(each) for each in loaded.graph.initializer}
    made = {held.made for step in recorded.steps for held in step.held if held.made is not None}
    told.update(_run(loaded, x, *(names[each] for each in made)))

    def of(held: Held) -> Array:
        name = held.name if held.made is None else names[held.made]
        assert name is not None
        return told[name].T if held.turned else told[name]

    for step in recorded.steps:
        yield [of(each) for each in step.held]


def _run(loaded: onnx.ModelProto, x: Array, *names: str) -> dict[str, Array]:
    """What onnxruntime makes of some tensors of a model; nothing is put together or left out."""
    more = onnx.ModelProto()
    more.CopyFrom(loaded)
    outputs = {each.name for each in more.graph.output}
    more.graph.output.extend(
        onnx.ValueInfoProto(name=name) for name in names if name not in outputs
    )
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        more.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    wanted = list(names)
    feeds = {loaded.graph.input[0].name: x}
    return dict(zip(wanted, session.run(wanted, feeds), strict=True)) if wanted else {}


def _fill(step: Step, part: torch.nn.Module, values: list[Array]) -> None:
    counters = ("num_batches_tracked",)
    slots = [
        each
        for name, each in (*part.named_parameters(), *part.named_buffers())
        if not name.endswith(counters)
    ]
    assert len(slots) >= len(values), step.op
    if step.op.name == "batch_norm" and not step.op.affine:  # type: ignore[attr-defined]
        slots = [part.running_mean, part.running_var]  # type: ignore[list-item]
    for slot, array in zip(slots, values, strict=True):
        # What was expanded along the batch is the same for every sample.
        first = array.reshape(-1)[: slot.numel()].copy()
        assert np.array_equal(np.resize(first, array.size), array.reshape(-1))
        slot.data.copy_(torch.from_numpy(first).reshape(slot.shape))


def expected(path: Path, x: Array) -> Array:
    """What onnxruntime computes. (ONNX's own reference is wrong for some older operators.)"""
    loaded = onnx.load(path)
    (name,) = (each.name for each in loaded.graph.output)
    return _run(loaded, x, name)[name]


def assert_proven(path: Path, *shape: int) -> None:
    """What is read of a file computes what the file does."""
    x = RANDOM.normal(size=shape).astype(np.float32)
    wanted, found = expected(path, x), outputs(path, x)
    assert found.size == wanted.size
    # Where the batch went, a sample's axes are the same.
    found = found.reshape(wanted.shape)
    assert np.abs(found - wanted).max() <= 1e-4 * np.abs(wanted).max()
