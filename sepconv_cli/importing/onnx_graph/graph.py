"""An ONNX graph -> a tape of its calls and the layout of every tensor, node by node."""

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import msgspec
import numpy as np
import onnx
from onnx import helper

from sepconv_cli.errors import UsageError, did_you_mean
from sepconv_cli.importing.batches import BatchAxis, Carried, GraphTensor, carried
from sepconv_cli.importing.onnx_graph import folding
from sepconv_cli.importing.onnx_graph.folding import NodeValue
from sepconv_cli.importing.onnx_graph.inference import Types
from sepconv_cli.importing.onnx_graph.inputs import Arriving
from sepconv_cli.importing.onnx_graph.model import DOMAINS, inner_names, opset
from sepconv_cli.importing.onnx_graph.replaced import Replaced
from sepconv_cli.importing.onnx_graph.scopes import scopes
from sepconv_cli.importing.onnx_graph.weights import Initializers
from sepconv_cli.importing.origin import as_text
from sepconv_cli.importing.reading import Layout
from sepconv_cli.importing.samples import UNKNOWN, Shapes, WholeShape, checked
from sepconv_cli.importing.tape import FunctionCall, Ref, Tape, Weight


class NodeCall(FunctionCall, frozen=True):
    """A call of an operator in a version of it. `values` are the inputs' where they are known."""

    values: tuple[Any, ...] = ()
    version: int = 0


class ReadGraph(msgspec.Struct, frozen=True):
    """A graph as a tape; the layout of every tensor, and its name in the file, by its number.

    `weights` are all that there are, whether they are read or not.
    """

    tape: Tape
    layouts: tuple[Layout, ...]
    names: tuple[str, ...]
    weights: tuple[Weight, ...]


def read_graph(model: onnx.ModelProto, shapes: Shapes) -> ReadGraph:
    """The tape of a model for inputs of these shapes. Raises UsageError."""
    return _Graph(model, shapes).read()


class _Graph:
    """What is known of a graph's tensors, by their names and, for those on the tape, numbers."""

    def __init__(self, model: onnx.ModelProto, shapes: Shapes) -> None:
        self._graph, self._version = model.graph, opset(model)
        self._arriving = Arriving(model.graph, shapes)
        self._types = Types(model, self._arriving.symbols, self._arriving.as_written)
        self._weights = Initializers(model)
        self._known: dict[str, Ref | Weight] = {}
        self._values: dict[str, NodeValue] = {}
        self._tensors: list[GraphTensor] = []
        self._names: list[str] = []
        self._moving: set[str] = set()
        """Tensors that depend on the inputs."""
        self._calls: list[FunctionCall] = []
        self._replaced = Replaced(self._version, self._values, self._types)
        self._used = {each.name for each in model.graph.output}
        for node in model.graph.node:
            self._used.update(node.input, inner_names(node))

    def read(self) -> ReadGraph:
        """The whole graph."""
        for tensor in self._graph.initializer:
            self._initializer(tensor)
        inputs = tuple(self._inputs())
        if not inputs:
            raise UsageError("the model has no inputs")
        for at, node in enumerate(self._graph.node):
            self._node(node, node.name or f"node {at} ({node.op_type})")
        tape = Tape(inputs, tuple(self._calls), tuple(self._outputs()))
        weights = tuple(each for each in self._known.values() if isinstance(each, Weight))
        layouts = tuple(each.layout for each in self._tensors)
        return ReadGraph(tape, layouts, tuple(self._names), weights)

    def _initializer(self, tensor: onnx.TensorProto) -> None:
        self._unique(tensor.name)
        shape = checked(f"initializer {tensor.name}", tuple(tensor.dims), least=0)
        self._known[tensor.name] = self._weights.weight(tensor)
        self._types.add(tensor.name, tensor.data_type, shape)
        try:
            found = folding.values(tensor)
        except (TypeError, ValueError):
            message = f"the values of initializer {tensor.name} don't fit its shape"
            raise UsageError(message) from None
        if found is not None:
            self._keep(tensor.name, found)

    def _inputs(self) -> Iterator[Ref]:
        for each in self._graph.input:
            if each.name in self._arriving.shapes:
                self._unique(each.name)
                shape = self._arriving.shapes[each.name]
                self._types.add(each.name, each.type.tensor_type.elem_type, shape)
                self._moving.add(each.name)
                yield self._new(
                    each.name, GraphTensor(shape, BatchAxis(0, shape[0]) if shape else None)
                )

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
                close = did_you_mean(name, self._known) if len(self._known) < 1000 else None
                raise UsageError(f"{label} reads {name}, which no earlier node makes", close)
        if (instead := self._replaced.instead(node)) is not None:
            for tensor in instead.weights:
                self._initializer(tensor)
            self._nodes(instead.nodes, label)
            return
        for at, name in enumerate(node.output):
            if name:
                self._unique(name, node.output[:at])
        attributes = {each.name: _attribute(each) for each in node.attribute}
        if self._weights.stands_for(node) and node.input[0] in self._values:
            self._stand_in(node, label)
        elif (found := self._folded(node, attributes)) is not None:
            self._constants(node, found)
        else:
            self._call(node, label, attributes)
            beside = self._replaced.beside(node)
            self._used.update(name for each in beside for name in each.output)
            self._nodes(beside, label)

    def _nodes(self, nodes: Sequence[onnx.NodeProto], label: str) -> None:
        """Nodes that stand for another."""
        for each in nodes:
            self._used.update(each.input, inner_names(each))
        for at, each in enumerate(nodes):
            self._node(each, each.name or f"{label}, node {at} ({each.op_type})")

    def _stand_in(self, node: onnx.NodeProto, label: str) -> None:
        """A weight whose values were taken out of the file."""
        name = node.output[0]
        shape = checked(label, tuple(self._values[node.input[0]].reshape(-1).tolist()))
        self._types.add(name, onnx.TensorProto.FLOAT, shape)
        self._known[name] = Weight(name, shape, True)

    def _folded(
        self, node: onnx.NodeProto, attributes: dict[str, Any]
    ) -> tuple[NodeValue, ...] | None:
        """The values that a node puts out, where they can be worked out."""
        if node.domain not in DOMAINS:
            return None
        if node.op_type in ("Shape", "Size"):
            shape = self._types.shape(node.input[0]) if node.input else None
            if shape is None:
                return None
            whole = node.op_type == "Shape"
            found = folding.shape_of(attributes, shape) if whole else np.array(prod(shape))
            return (found,)
        if node.op_type == "CastLike":
            return self._cast_like(node)
        if any(name and name not in self._values for name in node.input):
            return None
        inputs = [self._values.get(name) for name in node.input]
        return folding.folded_node(node.op_type, attributes, inputs)

    def _cast_like(self, node: onnx.NodeProto) -> tuple[NodeValue, ...] | None:
        """A known value as the kind of number that another tensor has, known or not."""
        value, kind = self._values.get(node.input[0]), self._types.kind(node.input[1])
        return None if value is None else folding.folded_node("Cast", {"to": kind}, [value])

    def _constants(self, node: onnx.NodeProto, found: tuple[NodeValue, ...]) -> None:
        """Values that are worked out; they remember the weights that they are made of."""
        refs = []
        for name, array in zip(node.output, found, strict=False):
            self._keep(name, array)
            refs.append(self._new(name, GraphTensor(array.shape)))
        if node.op_type not in ("Shape", "Size"):
            made_of = [name for name in node.input if name and name not in self._moving]
            given = tuple(self._known[name] for name in made_of)
            self._calls.append(FunctionCall(node.op_type, given, {}, tuple(refs), (), ()))

    def _call(self, node: onnx.NodeProto, label: str, attributes: dict[str, Any]) -> None:
        shapes = self._types.infer(node, label)[: self._last(node)]
        inside = dict.fromkeys(name for name in inner_names(node) if name in self._known)
        given = tuple(self._known.get(name) for name in (*node.input, *inside))
        values = tuple(self._python(name) for name in node.input)
        function = as_text(
            node.op_type if node.domain in DOMAINS else f"{node.domain}.{node.op_type}"
        )
        batch = None
        if None in shapes:
            function = f"{function} {UNKNOWN}"
        elif shapes and shapes[0] is not None:
            batch = self._batch(node.op_type, attributes, given, values, shapes[0])
        moving = not self._moving.isdisjoint((*node.input, *inside))
        named = list(zip(node.output, shapes, strict=False))
        refs = tuple(self._made(name, shape, batch, label, moving) for name, shape in named)
        path, classes = scopes(node, [each for each in given if isinstance(each, Weight)])
        version = self._version
        self._calls.append(
            NodeCall(
                function, given, attributes, refs, path, classes, values=values, version=version
            )
        )

    def _last(self, node: onnx.NodeProto) -> int:
        """How many of a node's outputs there are up to the last that somebody reads."""
        used = [at for at, name in enumerate(node.output, start=1) if name in self._used]
        return max(used, default=1)

    def _made(
        self, name: str, shape: WholeShape | None, batch: BatchAxis | None, label: str, moving: bool
    ) -> Ref:
        if moving:
            self._moving.add(name)
        if shape is None:
            return self._new(name, GraphTensor((1,)))
        checked(f"what {label} puts out", shape, least=1 if moving else 0)
        fits = batch is not None and batch.axis < len(shape) and not shape[batch.axis] % batch.count
        return self._new(name, GraphTensor(shape, batch if fits else None))

    def _batch(
        self,
        op: str,
        attributes: dict[str, Any],
        given: Sequence[Ref | Weight | None],
        values: tuple[Any, ...],
        y: WholeShape,
    ) -> BatchAxis | None:
        inputs = tuple(None if each is None else self._tensor(each) for each in given)
        return carried(Carried(op, attributes, inputs, values, y))

    def _tensor(self, each: Ref | Weight) -> GraphTensor:
        return self._tensors[each.at] if isinstance(each, Ref) else GraphTensor(each.shape)

    def _keep(self, name: str, array: NodeValue) -> None:
        self._values[name] = array
        self._types.constant(name, array)

    def _python(self, name: str) -> Any:
        """A constant as numbers and lists of numbers."""
        found = self._values.get(name)
        if found is None or found.dtype != np.float32 or found.size != 1:
            return None if found is None else found.tolist()
        return _as_written(found.reshape(-1)[0])

    def _new(self, name: str, tensor: GraphTensor) -> Ref:
        ref = self._known[name] = Ref(len(self._tensors), tensor.shape)
        self._tensors.append(tensor)
        self._names.append(name)
        return ref

    def _unique(self, name: str, others: Sequence[str] = ()) -> None:
        if name in self._known or name in others:
            raise UsageError(f"two tensors are called {name}")


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


_KINDS = onnx.AttributeProto
_LISTS = frozenset({_KINDS.INTS, _KINDS.FLOATS, _KINDS.STRINGS})
