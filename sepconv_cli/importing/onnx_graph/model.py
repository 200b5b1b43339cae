"""A file's bytes -> an ONNX model that can be worked with, or what is wrong with it."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path, PurePosixPath, PureWindowsPath

import onnx
from google.protobuf.message import DecodeError
from onnx import defs, inliner

from sepconv_cli.errors import UsageError, first_line
from sepconv_cli.importing.onnx_graph.skeleton import MAX_GRAPH_NODES, skeleton
from sepconv_cli.importing.origin import as_text

DOMAINS = ("", "ai.onnx")
"""The names of ONNX's own operators."""


def read_model(path: Path) -> onnx.ModelProto:
    """The model in a file, without its weights' values. Raises UsageError."""
    kept = skeleton(path)
    try:
        model = onnx.ModelProto.FromString(kept)
    except DecodeError:
        raise UsageError(f"{path} is cut short, or isn't an ONNX file") from None
    try:
        _check(model)
        return _inlined(model)
    except UsageError as error:
        problem = error.problems[0]
        raise UsageError(f"{path}: {as_text(problem.message)}", problem.hint) from None


def written_by(model: onnx.ModelProto) -> list[str]:
    """The program that wrote the file, and the version of ONNX's operators that it is in."""
    who, version = (model.producer_name, model.producer_version)
    told = [each for each in (who, version) if isinstance(each, str)]
    return [" ".join(told).strip(), f"opset {opset(model)}"]


def opset(model: onnx.ModelProto) -> int:
    """The version of ONNX's own operators that a model is written in."""
    versions = [each.version for each in model.opset_import if each.domain in DOMAINS]
    return int(versions[0]) if versions else 0


def inner_names(node: onnx.NodeProto) -> list[str]:
    """The tensors that the graphs inside a node read."""
    graphs = [graph for each in node.attribute for graph in (each.g, *each.graphs) if graph.node]
    inside = [each for graph in graphs for each in graph.node]
    return [name for each in inside for name in (*each.input, *inner_names(each)) if name]


def _check(model: onnx.ModelProto) -> None:
    if not all(isinstance(each, str) for each in _texts(model)):
        raise UsageError("isn't an ONNX file: a name in it is no text")
    if not model.HasField("graph") or not model.graph.node:
        raise UsageError("isn't an ONNX file, or has no nodes")
    if not 1 <= opset(model) <= defs.onnx_opset_version():
        raise UsageError(
            f"it is written in version {opset(model)} of ONNX's operators",
            f"onnx {onnx.__version__} knows versions 1 to {defs.onnx_opset_version()}",
        )
    for tensor in _tensors(model):
        _check_outside(tensor)


def _texts(model: onnx.ModelProto) -> Iterator[str]:
    """What is read of a model as text; protobuf leaves as bytes what is none."""
    for node in _every_node(model):
        yield from (node.name, node.domain, node.op_type, *node.input, *node.output)
        yield from (each.name for each in node.attribute)
        yield from (text for each in node.metadata_props for text in (each.key, each.value))
    for graph in _graphs(model):
        infos = (*graph.input, *graph.output, *graph.value_info)
        for info in infos:
            yield from (text for each in info.metadata_props for text in (each.key, each.value))
            yield from (dim.dim_param for dim in info.type.tensor_type.shape.dim)
        yield from (each.name for each in (*infos, *graph.initializer))
    for tensor in _tensors(model):
        yield from (text for each in tensor.external_data for text in (each.key, each.value))
    yield from (each.domain for each in model.opset_import)
    yield from (text for each in model.functions for text in (each.name, each.domain))


def _every_node(model: onnx.ModelProto) -> Iterator[onnx.NodeProto]:
    functions = (node for function in model.functions for node in function.node)
    return all_nodes((*model.graph.node, *functions))


def _graphs(model: onnx.ModelProto) -> Iterator[onnx.GraphProto]:
    """The model's graph, and those inside its nodes and functions."""
    yield model.graph
    for node in _every_node(model):
        for attribute in node.attribute:
            yield from (attribute.g, *attribute.graphs)


def _tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Every tensor in the file."""
    for graph in _graphs(model):
        yield from graph.initializer
    for node in _every_node(model):
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)


def _check_outside(tensor: onnx.TensorProto) -> None:
    """Values in other files aren't read; a path out of the model's folder is wrong anyway."""
    for entry in tensor.external_data:
        if entry.key != "location":
            continue
        parts = PurePosixPath(entry.value).parts + PureWindowsPath(entry.value).parts
        rooted = entry.value.startswith(("/", "\\")) or PureWindowsPath(entry.value).drive
        if ".." in parts or rooted:
            raise UsageError(f"the values of {tensor.name} are outside its folder: {entry.value}")


def _inlined(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without functions of its own."""
    if not model.functions:
        return model
    if _size(model) > MAX_GRAPH_NODES:
        raise UsageError(f"has more than {MAX_GRAPH_NODES:,} nodes with those of its functions")
    try:
        found: onnx.ModelProto = inliner.inline_local_functions(model)
    except Exception as error:
        raise UsageError(f"its functions can't be resolved: {first_line(error)}") from None
    return found


def _size(model: onnx.ModelProto) -> int:
    """How many nodes there are when every function stands where it is called."""
    functions = {(each.domain, each.name): each for each in model.functions}
    inside: set[tuple[str, str]] = set()

    @cache
    def of(key: tuple[str, str]) -> int:
        if key in inside:
            raise UsageError(f"its function {key[1]} calls itself")
        inside.add(key)
        found = sum(map(one, all_nodes(functions[key].node)))
        inside.discard(key)
        return found

    def one(node: onnx.NodeProto) -> int:
        key = (node.domain, node.op_type)
        return of(key) if key in functions else 1

    try:
        return sum(map(one, all_nodes(model.graph.node)))
    except RecursionError:
        raise UsageError("its functions stand too deep inside each other") from None


def all_nodes(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.NodeProto]:
    """The nodes, and those of the graphs inside them."""
    for node in nodes:
        yield node
        for attribute in node.attribute:
            for graph in (attribute.g, *attribute.graphs):
                yield from all_nodes(graph.node)
