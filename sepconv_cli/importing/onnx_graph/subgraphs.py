"""The graphs inside a node: of an If whose condition is known, only the branch that is taken."""

from collections.abc import Iterator, Mapping

import onnx
from onnx import helper


def taken(node: onnx.NodeProto, condition: bool) -> onnx.GraphProto | None:
    """The branch of an If that is read; None where it can't stand in the graph around it."""
    wanted = "then_branch" if condition else "else_branch"
    for each in node.attribute:
        branch: onnx.GraphProto = each.g
        if each.name == wanted and len(branch.output) == len(node.output):
            return None if branch.sparse_initializer else branch
    return None


def unfolded(node: onnx.NodeProto, branch: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """A branch's nodes under names of their own, and those that hand out what the node does."""
    own = {each.name for each in branch.initializer}
    own.update(name for each in branch.node for name in each.output)
    names = {name: inside(node, name) for name in own if name}
    yield from (_renamed(each, names) for each in branch.node)
    for given, name in zip(branch.output, node.output, strict=True):
        if name:
            yield helper.make_node("Identity", [names.get(given.name, given.name)], [name])


def weights_of(node: onnx.NodeProto, branch: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """A branch's weights under the names that its nodes have for them."""
    for tensor in branch.initializer:
        found = onnx.TensorProto()
        found.CopyFrom(tensor)
        found.name = inside(node, tensor.name)
        yield found


def inside(node: onnx.NodeProto, name: str) -> str:
    """What a tensor inside is called outside; another If may have one of the same name."""
    outputs = ",".join(node.output)
    return f"{outputs}/{name}"


def _renamed(node: onnx.NodeProto, names: Mapping[str, str]) -> onnx.NodeProto:
    found = onnx.NodeProto()
    found.CopyFrom(node)
    _rename(found, names)
    return found


def _rename(node: onnx.NodeProto, names: Mapping[str, str]) -> None:
    node.input[:] = [names.get(name, name) for name in node.input]
    node.output[:] = [names.get(name, name) for name in node.output]
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            for each in graph.node:
                _rename(each, names)
            for output in graph.output:
                output.name = names.get(output.name, output.name)
