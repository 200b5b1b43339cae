"""Sequences of tensors that are there for a moment: split, and taken out again one by one.

torch.onnx.export(dynamo=True, optimize=False) writes torch's split and chunk so.
"""

from collections.abc import Sequence

import onnx
from onnx import helper

from sepconv_cli.importing.onnx_graph.folding import NodeValue

MADE_SEQUENCES = frozenset({"SplitToSequence", "SequenceConstruct"})
READ_SEQUENCES = frozenset({"SequenceAt", "ConcatFromSequence"})

MOST_TENSORS = 4096


class Sequences:
    """The names of the tensors in each sequence that is known."""

    def __init__(self, version: int) -> None:
        self._version = version
        self._tensors: dict[str, Sequence[str]] = {}

    def made_by(
        self, node: onnx.NodeProto, axis_length: int, lengths: NodeValue | None
    ) -> list[onnx.NodeProto]:
        """What makes the tensors of the sequence that a node puts out, where it makes one."""
        if node.op_type == "SequenceConstruct":
            self._tensors[node.output[0]] = list(node.input)
            return []
        parts = _parts(axis_length, lengths)
        if parts is None:
            return []
        y = node.output[0]
        names = self._tensors[y] = [f"{y}/{at}" for at in range(len(parts))]
        axis = _attribute(node, "axis", 0)
        if self._version < 13:
            return [helper.make_node("Split", node.input[:1], names, axis=axis, split=parts)]
        written = f"{y}/lengths"
        return [
            helper.make_node("Constant", [], [written], value_ints=parts),
            helper.make_node("Split", [node.input[0], written], names, axis=axis),
        ]

    def read_by(self, node: onnx.NodeProto, index: int | None) -> onnx.NodeProto | None:
        """The same of tensors as what a node does with a sequence; None where it isn't known."""
        tensors = self._tensors.get(node.input[0] if node.input else "")
        if not tensors:
            return None
        if node.op_type == "SequenceAt" and index is not None:
            if not -len(tensors) <= index < len(tensors):
                return None
            return helper.make_node("Identity", [tensors[index]], node.output)
        if node.op_type == "ConcatFromSequence" and not _attribute(node, "new_axis", 0):
            axis = _attribute(node, "axis", 0)
            return helper.make_node("Concat", tensors, node.output, axis=axis)
        return None


def _parts(length: int, lengths: NodeValue | None) -> list[int] | None:
    """The lengths along the axis; a single number is that of each but the last."""
    if lengths is None or not length or lengths.size == 0 or int(lengths.min()) < 1:
        return None
    if lengths.ndim:
        found = [int(each) for each in lengths.reshape(-1)]
        return found if sum(found) == length and len(found) <= MOST_TENSORS else None
    each = int(lengths)
    if -(-length // each) > MOST_TENSORS:
        return None
    return [min(each, length - start) for start in range(0, length, each)]


def _attribute(node: onnx.NodeProto, name: str, default: int) -> int:
    return next((int(each.i) for each in node.attribute if each.name == name), default)
