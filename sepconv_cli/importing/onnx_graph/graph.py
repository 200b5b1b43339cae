"""An ONNX graph -> a tape of its calls and the layout of every tensor, node by node."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import msgspec
import numpy as np
import onnx
from onnx import checker, defs, helper, numpy_helper, shape_inference

from sepconv_cli.errors import UsageError, did_you_mean
from sepconv_cli.importing.onnx_graph import folding
from sepconv_cli.importing.onnx_graph.batches import Batch, Carried, Tensor, carried
from sepconv_cli.importing.onnx_graph.folding import Array
from sepconv_cli.importing.onnx_graph.inputs import Arriving, Shapes, checked
from sepconv_cli.importing.onnx_graph.model import DOMAINS, opset
from sepconv_cli.importing.onnx_graph.scopes import scopes
from sepconv_cli.importing.onnx_graph.weights import Weights
from sepconv_cli.importing.reading import Layout
from sepconv_cli.importing.tape import Call, Ref, Tape, Weight

UNKNOWN = "(its shape isn't known)"

# ONNX doesn't say of these what comes out.
_KEEPS_SHAPE = frozenset({"GroupNormalization"})

_HINTED = 64
"""Elements of a constant that may say what shape comes out."""


class NodeCall(Call, frozen=True):
    """A call of an operator in a version of it. `values` are the inputs' where they are known."""

    values: tuple[Any, ...] = ()
    version: int = 0


class Read(msgspec.Struct, frozen=True):
    """A graph as a tape; the layout of every tensor, and its name in the file, by its number."""

    tape: Tape
    layouts: tuple[Layout, ...]
    names: tuple[str, ...]


def read_graph(model: onnx.ModelProto, shapes: Shapes) -> Read:
    """The tape of a model for inputs of these shapes. Raises UsageError."""
    return _Graph(model, shapes).read()


class _Graph:
    def __init__(self, model: onnx.ModelProto, shapes: Shapes) -> None:
        self._graph, self._version = model.graph, opset(model)
        self._opsets = [
            onnx.OperatorSetIdProto(domain=each.domain, version=each.version)
            for each in model.opset_import
        ]
        self._arriving = Arriving(model.graph, shapes)
        self._weights = Weights(model)
        self._told = {
            each.name: each.type for each in (*model.graph.value_info, *model.graph.output)
        }
        self._known: dict[str, Ref | Weight] = {}
        self._types: dict[str, onnx.TypeProto] = {}
        self._values: dict[str, Array] = {}
        self._hints: dict[str, onnx.TensorProto] = {}
        self._tensors: list[Tensor] = []
        self._names: list[str] = []
        self._lost: set[str] = set()
        self._calls: list[Call] = []
        self._used = _used(model.graph)

    def read(self) -> Read:
        """The whole graph."""
        for tensor in self._graph.initializer:
            self._initializer(tensor)
        inputs = tuple(
            self._input(each) for each in self._graph.input if each.name in self._arriving.shapes
        )
        if not inputs:
            raise UsageError("the model has no inputs")
        for at, node in enumerate(self._graph.node):
            self._node(node, node.name or f"node {at} ({node.op_type})")
        tape = Tape(inputs, tuple(self._calls), tuple(self._outputs()))
        return Read(tape, tuple(each.layout for each in self._tensors), tuple(self._names))

    def _initializer(self, tensor: onnx.TensorProto) -> None:
        name = tensor.name
        self._unique(name)
        shape = checked(f"initializer {name}", tuple(tensor.dims), least=0)
        self._known[name] = self._weights.weight(tensor)
        self._types[name] = helper.make_tensor_type_proto(tensor.data_type, shape)
        try:
            self._keep(name, folding.values(tensor))
        except (TypeError, ValueError):
            raise UsageError(f"the values of initializer {name} don't fit its shape") from None

    def _input(self, given: onnx.ValueInfoProto) -> Ref:
        self._unique(given.name)
        shape = self._arriving.shapes[given.name]
        kind = given.type.tensor_type.elem_type
        self._types[given.name] = helper.make_tensor_type_proto(kind, shape)
        return self._new(given.name, Tensor(shape, Batch(0, shape[0]) if shape else None))

    def _outputs(self) -> Iterator[Ref]:
        for each in self._graph.output:
            found = self._known.get(each.name)
            if found is None:
                raise UsageError(f"no node makes the output {each.name}")
            if isinstance(found, Ref):
                yield found

    def _node(self, node: onnx.NodeProto, label: str) -> None:
        for name in node.input:
            if name and name not in self._known:
                raise UsageError(
                    f"{label} reads {name}, which no earlier node makes",
                    did_you_mean(name, self._known) if len(self._known) < 1000 else None,
                )
        for name in node.output:
            if name:
                self._unique(name)
        attributes = {each.name: _attribute(each) for each in node.attribute}
        if self._weights.stands_for(node):
            self._stand_in(node, label)
        elif (found := self._folded(node, attributes)) is not None:
            self._constants(node, found)
        else:
            self._call(node, label, attributes)

    def _stand_in(self, node: onnx.NodeProto, label: str) -> None:
        """A weight whose values were taken out of the file."""
        name = node.output[0]
        shape = checked(label, tuple(self._values[node.input[0]].tolist()))
        self._types[name] = helper.make_tensor_type_proto(onnx.TensorProto.FLOAT, shape)
        self._known[name] = Weight(name, shape, True)

    def _folded(self, node: onnx.NodeProto, attributes: dict[str, Any]) -> tuple[Array, ...] | None:
        if node.domain not in DOMAINS:
            return None
        first = node.input[0] if node.input else ""
        if node.op_type in ("Shape", "Size") and first not in self._lost:
            shape = _shape(self._types[first])
            if shape is None:
                return None
            if node.op_type == "Size":
                return (np.array(int(np.prod(shape, dtype=object)), np.int64),)
            return (folding.shape_of(attributes, shape),)
        if any(name and name not in self._values for name in node.input):
            return None
        inputs = [self._values.get(name) for name in node.input]
        return folding.folded(node.op_type, attributes, inputs)

    def _constants(self, node: onnx.NodeProto, found: tuple[Array, ...]) -> None:
        """Values that are worked out; they remember the weights that they are made of."""
        refs = []
        for name, array in zip(node.output, found, strict=False):
            kind = helper.np_dtype_to_tensor_dtype(array.dtype)
            self._types[name] = helper.make_tensor_type_proto(kind, array.shape)
            self._keep(name, array)
            refs.append(self._new(name, Tensor(array.shape)))
        if node.op_type not in ("Shape", "Size"):
            given = tuple(self._known[name] for name in node.input if name)
            self._calls.append(Call(node.op_type, given, {}, tuple(refs), (), ()))

    def _call(self, node: onnx.NodeProto, label: str, attributes: dict[str, Any]) -> None:
        types = self._inferred(node, label)
        given = tuple(self._known[name] if name else None for name in node.input)
        inside = dict.fromkeys(name for name in _inner(node) if name in self._known)
        inner = tuple(self._known[name] for name in inside)
        outputs = [name for name in node.output if name in self._used] or list(node.output[:1])
        last = 1 + max(list(node.output).index(name) for name in outputs)
        shapes = [_shape(types[name]) if name in types else None for name in node.output[:last]]
        lost = None in shapes or any(name in self._lost for name in node.input)
        values = tuple(self._python(name) for name in node.input)
        batch = None
        if not lost:
            batch = self._batch(node, attributes, (*given, *inner), values, shapes[0])
        refs = tuple(
            self._made(name, shape, batch, types.get(name), label, lost)
            for name, shape in zip(node.output[:last], shapes, strict=True)
        )
        weights = [
            each for each in given if isinstance(each, Weight) and each.name.endswith(".weight")
        ]
        path, classes = scopes(node, weights)
        function = node.op_type if node.domain in DOMAINS else f"{node.domain}.{node.op_type}"
        function = f"{function} {UNKNOWN}" if lost else function
        self._calls.append(
            NodeCall(
                function, (*given, *inner), attributes, refs, path, classes, values, self._version
            )
        )

    def _made(self, name: str, shape: "tuple[int, ...] | None", batch: Batch | None,
              kind: "onnx.TypeProto | None", label: str, lost: bool) -> Ref:  # fmt: skip
        if lost or shape is None:
            self._lost.add(name)
            self._types[name] = onnx.TypeProto()
            return self._new(name, Tensor((1,)))
        self._types[name] = kind or onnx.TypeProto()
        checked(f"what {label} puts out", shape, least=0)
        fits = batch is not None and batch.axis < len(shape) and not shape[batch.axis] % batch.count
        return self._new(name, Tensor(shape, batch if fits else None))

    def _batch(self, node: onnx.NodeProto, attributes: dict[str, Any], given: Iterable[Any],
               values: tuple[Any, ...], y: Any) -> Batch | None:  # fmt: skip
        inputs = tuple(None if each is None else self._tensor(each) for each in given)
        return carried(Carried(node.op_type, attributes, inputs, values, y))

    def _tensor(self, each: Ref | Weight) -> Tensor:
        return self._tensors[each.at] if isinstance(each, Ref) else Tensor(each.shape)

    def _inferred(self, node: onnx.NodeProto, label: str) -> dict[str, onnx.TypeProto]:
        """The types of a node's outputs; what the file says of them where ONNX can't tell."""
        # The file's shapes are of its own input.
        known = self._told if self._arriving.as_written else {}
        found = {name: known[name] for name in node.output if name in known}
        found = {name: _with(each, self._arriving.symbols) for name, each in found.items()}
        keeps = node.op_type in _KEEPS_SHAPE and node.domain in DOMAINS
        if keeps and node.output and node.input and node.input[0]:
            return {node.output[0]: self._types[node.input[0]]}
        schema = _schema(node.op_type, self._version) if node.domain in DOMAINS else None
        if schema is None or any(name in self._lost for name in node.input):
            return found
        names = {name for name in (*node.input, *_inner(node)) if name in self._types}
        types = {name: self._types[name] for name in names}
        hints = {name: self._hints[name] for name in node.input if name in self._hints}
        try:
            told = shape_inference.infer_node_outputs(
                schema, node, types, hints, opset_imports=self._opsets
            )
        except (shape_inference.InferenceError, checker.ValidationError) as error:
            raise UsageError(f"{label} can't be what it is: {_first_line(error)}") from None
        except (RuntimeError, ValueError) as error:
            raise UsageError(f"{label} can't be read: {_first_line(error)}") from None
        return {**found, **{name: each for name, each in told.items() if _shape(each) is not None}}

    def _keep(self, name: str, array: Array | None) -> None:
        if array is None:
            return
        self._values[name] = array
        if array.size <= _HINTED:
            self._hints[name] = numpy_helper.from_array(
                np.ascontiguousarray(array).reshape(array.shape), name
            )

    def _python(self, name: str) -> Any:
        """A constant as numbers and lists of numbers."""
        found = self._values.get(name)
        if found is None or found.dtype != np.float32 or found.size != 1:
            return None if found is None else found.tolist()
        return _as_written(found.reshape(-1)[0])

    def _new(self, name: str, tensor: Tensor) -> Ref:
        ref = self._known[name] = Ref(len(self._tensors), tensor.shape)
        self._tensors.append(tensor)
        self._names.append(name)
        return ref

    def _unique(self, name: str) -> None:
        if name in self._known:
            raise UsageError(f"two tensors are called {name}")


@cache
def _schema(op: str, version: int) -> "defs.OpSchema | None":
    try:
        return defs.get_schema(op, version)
    except defs.SchemaError:
        return None


def _attribute(given: onnx.AttributeProto) -> Any:
    """The value of an attribute; text as text."""
    try:
        found = helper.get_attribute_value(given)
    except ValueError:
        raise UsageError(f"attribute {given.name} has no value") from None
    if isinstance(found, bytes):
        return found.decode(errors="replace")
    if given.type in _LISTS:
        return [
            each.decode(errors="replace") if isinstance(each, bytes) else each for each in found
        ]
    return _as_written(found) if isinstance(found, float) else found


def _as_written(number: float) -> float:
    """The shortest number that four bytes hold as this one: 0.1 for 0.100000001490116."""
    return float(str(np.float32(number)))


_LISTS = frozenset(
    {onnx.AttributeProto.INTS, onnx.AttributeProto.FLOATS, onnx.AttributeProto.STRINGS}
)


def _shape(kind: onnx.TypeProto) -> tuple[int, ...] | None:
    """The lengths of a tensor's axes, where all are known."""
    if kind.WhichOneof("value") != "tensor_type" or not kind.tensor_type.HasField("shape"):
        return None
    dims = kind.tensor_type.shape.dim
    return (
        tuple(dim.dim_value for dim in dims)
        if all(dim.HasField("dim_value") for dim in dims)
        else None
    )


def _with(kind: onnx.TypeProto, symbols: dict[str, int]) -> onnx.TypeProto:
    if kind.WhichOneof("value") != "tensor_type":
        return kind
    found = onnx.TypeProto()
    found.CopyFrom(kind)
    for dim in found.tensor_type.shape.dim:
        if dim.dim_param in symbols:
            dim.dim_value = symbols[dim.dim_param]
    return found


def _used(graph: onnx.GraphProto) -> set[str]:
    """The tensors that somebody reads."""
    found = {each.name for each in graph.output}
    for node in graph.node:
        found.update(node.input)
        found.update(_inner(node))
    return found


def _inner(node: onnx.NodeProto) -> list[str]:
    """What the graphs inside a node read."""
    graphs = [graph for each in node.attribute for graph in (each.g, *each.graphs) if graph.node]
    return [
        name
        for graph in graphs
        for each in graph.node
        for name in (*each.input, *_inner(each))
        if name
    ]


def _first_line(error: Exception) -> str:
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
