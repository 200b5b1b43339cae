"""Nodes that are read as other nodes: branches, sequences, onnxruntime's own operators."""

from collections.abc import Mapping

import msgspec
import onnx

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.onnx_graph import contributed, subgraphs
from sepconv_cli.importing.onnx_graph.folding import NodeValue
from sepconv_cli.importing.onnx_graph.inference import Types
from sepconv_cli.importing.onnx_graph.model import DOMAINS, all_nodes
from sepconv_cli.importing.onnx_graph.sequences import MADE_SEQUENCES, READ_SEQUENCES, Sequences
from sepconv_cli.importing.onnx_graph.skeleton import MAX_GRAPH_NODES


class Instead(msgspec.Struct, frozen=True):
    """Nodes that stand for one, and the weights that they bring along."""

    nodes: list[onnx.NodeProto]
    weights: list[onnx.TensorProto] = []


class Replaced:
    """Tells what a node is read as, from the values and types that are known by then."""

    def __init__(self, version: int, values: Mapping[str, NodeValue], types: Types) -> None:
        self._values, self._types = values, types
        self._sequences = Sequences(version)
        self._copied = 0

    def instead(self, node: onnx.NodeProto) -> Instead | None:
        """What stands for a node; None where it stands for itself. Raises UsageError."""
        if node.domain not in DOMAINS:
            parts = contributed.contributed_parts(node)
            return None if parts is None else Instead(parts)
        if node.op_type == "If":
            return self._branch(node)
        if node.op_type in READ_SEQUENCES and node.output:
            found = self._sequences.read_by(node, self._number(node, 1))
            return None if found is None else Instead([found])
        return None

    def beside(self, node: onnx.NodeProto) -> list[onnx.NodeProto]:
        """What makes the tensors of a sequence, which is itself opaque."""
        if node.op_type not in MADE_SEQUENCES or node.domain not in DOMAINS or not node.input:
            return []
        lengths = self._whole_numbers(node, 1)
        shape = self._types.shape(node.input[0]) or ()
        axis = next((each.i for each in node.attribute if each.name == "axis"), 0)
        length = shape[axis] if -len(shape) <= axis < len(shape) else 0
        return self._sequences.made_by(node, length, lengths)

    def _number(self, node: onnx.NodeProto, at: int) -> int | None:
        """An input of one element, where it is known."""
        found = self._whole_numbers(node, at)
        return int(found.reshape(-1)[0]) if found is not None and found.size == 1 else None

    def _whole_numbers(self, node: onnx.NodeProto, at: int) -> NodeValue | None:
        found = self._values.get(node.input[at]) if len(node.input) > at else None
        return found if found is not None and found.dtype.kind in "biu" else None

    def _branch(self, node: onnx.NodeProto) -> Instead | None:
        """The branch that is taken. Branches inside branches are copied each time."""
        condition = self._number(node, 0)
        branch = None if condition is None else subgraphs.taken(node, bool(condition))
        if branch is None:
            return None
        self._copied += sum(1 for _ in all_nodes(branch.node))
        if self._copied > MAX_GRAPH_NODES:
            raise UsageError(f"has more than {MAX_GRAPH_NODES:,} nodes with those of its branches")
        return Instead(
            list(subgraphs.unfolded(node, branch)), list(subgraphs.weights_of(node, branch))
        )
