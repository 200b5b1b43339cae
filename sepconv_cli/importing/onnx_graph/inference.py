"""The types of a graph's tensors, node by node, as ONNX's own inference has them."""

from functools import cache
from typing import Any

import numpy as np
import onnx
from onnx import checker, defs, helper, numpy_helper, shape_inference

from sepconv_cli.errors import UsageError, first_line
from sepconv_cli.importing.onnx_graph.folding import NodeValue
from sepconv_cli.importing.onnx_graph.model import DOMAINS, inner_names, opset
from sepconv_cli.importing.samples import WholeShape

_HINTED = 64
"""Elements of a constant that may say what shape comes out."""

# ONNX doesn't say of these what comes out: what goes in.
_KEEPS_SHAPE = frozenset({"GroupNormalization"})

# The same of operators that only later versions have; onnxruntime's own come to them in any.
_KEEPS_SHAPE_EARLY = frozenset({"Gelu", "LayerNormalization", "Swish"})


class Types:
    """The type of every tensor so far, and what the file says of those to come.

    `symbols` are lengths of axes that have names in the file. Where they aren't the file's own
    sizes, what it says of other tensors isn't true any more.
    """

    def __init__(self, model: onnx.ModelProto, symbols: dict[str, int], as_written: bool) -> None:
        self._version = opset(model)
        self._opsets = list(model.opset_import)
        self._symbols = symbols
        told = (*model.graph.value_info, *model.graph.output) if as_written else ()
        self._told = {each.name: each.type for each in told}
        self._types: dict[str, onnx.TypeProto] = {}
        self._hints: dict[str, onnx.TensorProto] = {}

    def add(self, name: str, kind: int, shape: WholeShape) -> None:
        """A tensor of a kind of numbers."""
        self._types[name] = helper.make_tensor_type_proto(kind, shape)

    def constant(self, name: str, array: NodeValue) -> None:
        """A tensor whose values are known."""
        self.add(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
        if array.size <= _HINTED:
            whole = np.ascontiguousarray(array).reshape(array.shape)
            self._hints[name] = numpy_helper.from_array(whole, name)

    def shape(self, name: str) -> WholeShape | None:
        """The shape of a tensor; None where it isn't known."""
        return _shape(self._types[name]) if name in self._types else None

    def kind(self, name: str) -> int:
        """The kind of numbers in a tensor; 0 where it isn't known."""
        return int(self._types[name].tensor_type.elem_type) if name in self._types else 0

    def infer(self, node: onnx.NodeProto, label: str) -> list[WholeShape | None]:
        """The shapes of a node's outputs. Raises UsageError."""
        told = {name: self._bound(self._told[name]) for name in node.output if name in self._told}
        # What ONNX works out goes before what somebody wrote into the file.
        for name, kind in {**told, **self._worked_out(node, label)}.items():
            if _shape(kind) is not None:
                self._types[name] = kind
        return [self.shape(name) for name in node.output]

    def _worked_out(self, node: onnx.NodeProto, label: str) -> dict[str, onnx.TypeProto]:
        known = {name for name in (*node.input, *inner_names(node)) if name in self._types}
        if node.domain not in DOMAINS or any(name and name not in known for name in node.input):
            return {}
        schema = _schema(node.op_type, self._version)
        keeps = _KEEPS_SHAPE if schema else _KEEPS_SHAPE_EARLY
        if node.op_type in keeps and node.output and node.input and node.input[0]:
            return {node.output[0]: self._types[node.input[0]]}
        if schema is None:
            return {}
        types: dict[str, Any] = {name: self._types[name] for name in known}
        hints: dict[str, Any] = {name: self._hints[name] for name in known & self._hints.keys()}
        try:
            found = shape_inference.infer_node_outputs(
                schema, _as_of(node, schema), types, hints, opset_imports=self._opsets
            )
        except (shape_inference.InferenceError, checker.ValidationError) as error:
            raise UsageError(f"{label} can't be what it is: {first_line(error)}") from None
        except (RuntimeError, ValueError) as error:
            raise UsageError(f"{label} can't be read: {first_line(error)}") from None
        return {name: kind for name, kind in found.items() if _shape(kind) is not None}

    def _bound(self, kind: onnx.TypeProto) -> onnx.TypeProto:
        """The same type with lengths for the axes that have names."""
        if kind.WhichOneof("value") != "tensor_type":
            return kind
        found = onnx.TypeProto()
        found.CopyFrom(kind)
        for dim in found.tensor_type.shape.dim:
            if dim.dim_param in self._symbols:
                dim.dim_value = self._symbols[dim.dim_param]
        return found


def _as_of(node: onnx.NodeProto, schema: "defs.OpSchema") -> onnx.NodeProto:
    """The node without attributes of later versions that say what goes without saying before.

    ONNX's own converter leaves them in place.
    """
    later = {each.name for each in node.attribute} - schema.attributes.keys()
    newest = _schema(node.op_type, defs.onnx_opset_version()) if later else None
    if newest is None:
        return node
    defaults = {name: each.default_value for name, each in newest.attributes.items()}
    found = onnx.NodeProto()
    found.CopyFrom(node)
    del found.attribute[:]
    found.attribute.extend(
        each for each in node.attribute if each.name not in later or each != defaults.get(each.name)
    )
    return found


@cache
def _schema(op: str, version: int) -> "defs.OpSchema | None":
    try:
        return defs.get_schema(op, version)
    except defs.SchemaError:
        return None


def _shape(kind: onnx.TypeProto) -> WholeShape | None:
    """The lengths of a tensor's axes, where all are known."""
    if kind.WhichOneof("value") != "tensor_type" or not kind.tensor_type.HasField("shape"):
        return None
    dims = kind.tensor_type.shape.dim
    known = all(dim.HasField("dim_value") for dim in dims)
    return tuple(dim.dim_value for dim in dims) if known else None
