"""A network -> an ONNX model, by onnx.helper and without torch."""

from collections.abc import Sequence

from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from sepconv_cli.errors import UsageError, plural
from sepconv_cli.export.onnx_graph import INPUT_NAME, NodeWriting, OnnxGraph, scope_of
from sepconv_cli.export.onnx_nodes import WRITERS
from sepconv_cli.export.onnx_nodes.merges import BROADCASTING_WRITERS
from sepconv_cli.export.weights import WeightValues, random_weights
from sepconv_cli.network import Network, Node, Tensor
from sepconv_cli.version import __version__

OLDEST_OPSET = 18
"""Norms, reductions and resizing are written as since this version of ONNX's operators."""


def onnx_model(
    network: Network,
    name: str = "network",
    *,
    batch: int | None = 1,
    opset: int = OLDEST_OPSET,
    weights: WeightValues = random_weights,
) -> ModelProto:
    """The network as an ONNX model; without a `batch` its size is left open.

    Tensors are called by the node's name and the op's name for them. Raises UsageError for layers
    that can't be written.
    """
    _refuse_unwritable(network)
    graph = OnnxGraph(batch, weights)
    graph.whole_numbers = _reads_indices(network)
    names = _written(graph, network)
    outputs = _outputs(graph, network, names)
    kind = TensorProto.INT64 if graph.whole_numbers else TensorProto.FLOAT
    inputs = [_told(INPUT_NAME, network.input, batch, kind)]
    inputs += [_told(each, x, batch) for each, x in graph.further_inputs.items()]
    made = helper.make_graph(graph.nodes, name, inputs, outputs, list(graph.initializers.values()))
    opsets = [helper.make_opsetid("", opset)]
    version = helper.find_min_ir_version_for(opsets)
    return helper.make_model(
        made,
        opset_imports=opsets,
        ir_version=version,
        producer_name="sepconv",
        producer_version=__version__,
    )


def _refuse_unwritable(network: Network) -> None:
    missing = [node for node in network.nodes if node.op.name not in WRITERS]
    if missing:
        shown = ", ".join(_called(node) for node in missing[:10])
        more = f" and {len(missing) - 10} more" if len(missing) > 10 else ""
        raise UsageError(
            f"ONNX has nothing for {plural(len(missing), 'layer')}: {shown}{more}",
            "nobody can tell what an opaque layer does; write it in ops that are known",
        )


def _called(node: Node) -> str:
    return f"{node.name} ({getattr(node.op, 'function', node.op.name)})"


def _reads_indices(network: Network) -> bool:
    """Whether the input goes into embeddings alone."""
    ops = {node.op.name for at, node in enumerate(network.nodes) if -1 in node.reads(at)}
    return ops == {"embedding"}


def _written(graph: OnnxGraph, network: Network) -> list[str]:
    """Every node, and the names of the tensors that leave them."""
    names: list[str] = []
    for at, node in enumerate(network.nodes):
        inputs = [INPUT_NAME if read < 0 else names[read] for read in node.reads(at)]
        broadcasts = node.op.name in BROADCASTING_WRITERS
        if not broadcasts:
            inputs = [
                graph.for_every_sample(scope_of(node), value, x)
                for value, x in zip(inputs, node.inputs, strict=True)
            ]
        names.append(WRITERS[node.op.name](NodeWriting(graph, node, inputs)))
        if broadcasts and graph.single.issuperset(inputs):
            graph.single.add(names[-1])
    return names


def _outputs(graph: OnnxGraph, network: Network, names: Sequence[str]) -> list[ValueInfoProto]:
    """What leaves the network: `output`, or by number where there are several."""
    several = len(network.outputs) > 1
    found = []
    for number, at in enumerate(network.outputs):
        shape = network.input if at < 0 else network.nodes[at].y
        value = graph.for_every_sample("", INPUT_NAME if at < 0 else names[at], shape)
        name = f"output_{number}" if several else "output"
        _named(graph, value, name)
        kind = TensorProto.INT64 if at < 0 and graph.whole_numbers else TensorProto.FLOAT
        found.append(_told(name, shape, graph.batch, kind))
    return found


def _named(graph: OnnxGraph, value: str, name: str) -> None:
    """Let a tensor leave under this name: the last node writes it, or it is copied."""
    last = graph.nodes[-1] if graph.nodes else None
    if last is not None and list(last.output) == [value] and not value.startswith("output"):
        last.output[0] = name
    else:
        graph.nodes.append(helper.make_node("Identity", [value], [name], f"/{name}"))


def _told(
    name: str, shape: Tensor, batch: int | None, kind: int = TensorProto.FLOAT
) -> ValueInfoProto:
    dims = ["batch" if batch is None else batch, *shape.axes]
    return helper.make_tensor_value_info(name, kind, dims)
