"""An ONNX graph that is being written, node by node.

Every tensor has the batch in front. What doesn't depend on the input is written once, with a batch
of 1, and taken along the batch where that isn't done by broadcasting anyway.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

from sepconv_cli.export.weights import TensorValues, WeightValues
from sepconv_cli.network import Node, Tensor

Operand = str | float | Sequence[int] | TensorValues
"""A tensor by its name, or the values of a constant."""
INPUT_NAME = "input"


class OnnxGraph:
    """Nodes and initialisers, with names that nobody else has."""

    def __init__(self, batch: int | None, weights: WeightValues) -> None:
        self.batch = batch
        self.weights = weights
        self.nodes: list[NodeProto] = []
        self.initializers: dict[str, TensorProto] = {}
        self.further_inputs: dict[str, Tensor] = {}
        self.whole_numbers = False
        """Whether the input holds indices."""
        self.single: set[str] = set()
        """Tensors that stand there once for all samples."""
        self.made: dict[tuple[str, ...], str] = {}
        """Tensors that are made of weights alone, by the weight and what is done to it."""
        self.turned: set[str] = set()
        """Matrices that are written the other way round than torch has them."""
        self._taken: dict[str, int] = {}

    def add(self, scope: str, operator: str, *inputs: Operand, **attributes: Any) -> str:
        """A node of one output, whose name comes back."""
        return self.add_several(scope, operator, 1, *inputs, **attributes)[0]

    def add_several(
        self, scope: str, operator: str, count: int, *inputs: Operand, **attributes: Any
    ) -> list[str]:
        """A node of so many outputs."""
        read = [each if isinstance(each, str) else self.constant(scope, each) for each in inputs]
        name = self._unique(f"{scope}/{operator}")
        made = [f"{name}_output_{at}" for at in range(count)]
        self.nodes.append(helper.make_node(operator, read, made, name, **attributes))
        return made

    def constant(self, scope: str, values: float | Sequence[int] | TensorValues) -> str:
        """Numbers that aren't learned: a single one, lengths and axes, or a tensor."""
        if not isinstance(values, np.ndarray):
            values = np.array(values, np.float32 if isinstance(values, float) else np.int64)
        name = self._unique(f"{scope}/Constant")
        tensor = numpy_helper.from_array(values)
        self.nodes.append(helper.make_node("Constant", [], [f"{name}_output"], name, value=tensor))
        return f"{name}_output"

    def initializer(self, name: str, values: TensorValues) -> str:
        """A tensor of the network's own; the same one where it is there already."""
        if name not in self.initializers:
            self.initializers[name] = numpy_helper.from_array(values, name)
        return name

    def for_every_sample(self, scope: str, value: str, shape: Tensor) -> str:
        """A tensor that is there once, as often as there are samples."""
        if value not in self.single:
            return value
        ones = (1,) * len(shape.axes)
        if self.batch is not None:
            return self.add(scope, "Expand", value, (self.batch, *ones))
        samples = self.add(scope, "Shape", INPUT_NAME, start=0, end=1)
        return self.add(scope, "Expand", value, self.add(scope, "Concat", samples, ones, axis=0))

    def _unique(self, name: str) -> str:
        count = self._taken[name] = self._taken.get(name, -1) + 1
        return f"{name}_{count}" if count else name


def scope_of(node: Node) -> str:
    """The path that ONNX's nodes of a node are called by.

    Who has all parameters of another node in common is called like that one, as a module is that
    runs twice: by equal weights alone nobody could tell.
    """
    tensors = node.op.parameter_shapes(node.x)
    owners = {tie.common.removesuffix(f".{tie.tensor}") for tie in node.ties}
    shares_all = {tie.tensor for tie in node.ties} == set(tensors)
    name = owners.pop() if shares_all and len(owners) == 1 else node.name
    return "/" + name.replace(".", "/")


class NodeWriting:
    """One node of a network that is being written: its op, what arrives, and where it goes."""

    def __init__(self, graph: OnnxGraph, node: Node, inputs: Sequence[str]) -> None:
        self.graph = graph
        self.node = node
        self.inputs = tuple(inputs)
        self.scope = scope_of(node)

    @property
    def op(self) -> Any:
        """The op, whose fields are those of its own record."""
        return self.node.op

    @property
    def x(self) -> str:
        """The name of the first input."""
        return self.inputs[0]

    @property
    def shape(self) -> Tensor:
        """The shape of a sample of the first input."""
        return self.node.x

    def add(self, operator: str, *inputs: Operand, **attributes: Any) -> str:
        """A node of one output."""
        return self.graph.add(self.scope, operator, *inputs, **attributes)

    def reshape(self, value: str, axes: Sequence[int]) -> str:
        """A sample under other axes; the batch stays."""
        return self.add("Reshape", value, (0, *axes))

    def made_of(self, weight: str, operator: str, *others: Operand, **attributes: Any) -> str:
        """What is made of a weight alone, once for all nodes that have it in common."""
        key = (weight, operator, repr(others), repr(attributes))
        if key not in self.graph.made:
            self.graph.made[key] = self.add(operator, weight, *others, **attributes)
        return self.graph.made[key]

    def parameter(self, tensor: str) -> str:
        """A parameter by the op's name for it, which may be another node's too."""
        name = self.full_name(tensor)
        made = self.graph.initializer(name, self._learned(tensor))
        return self._transposed(name) if name in self.graph.turned else made

    def turned(self, tensor: str) -> str:
        """A matrix of inputs x outputs, as ONNX multiplies by it, and torch doesn't have it.

        Only where another node has it in common the other way round, it isn't written like that.
        """
        name = self.full_name(tensor)
        if name not in self.graph.initializers:
            values = self._learned(tensor)
            self.graph.turned.add(name)
            return self.graph.initializer(name, values.reshape(values.shape[:2]).T)
        return name if name in self.graph.turned else self._transposed(name)

    def _learned(self, tensor: str) -> TensorValues:
        return self.values(tensor, self.node.op.parameter_shapes(self.node.x)[tensor])

    def _transposed(self, name: str) -> str:
        return self.made_of(name, "Transpose", perm=[1, 0])

    def parameters(self, *tensors: str) -> list[str]:
        """Those of the parameters that the op has."""
        own = self.node.op.parameter_shapes(self.node.x)
        return [self.parameter(tensor) for tensor in tensors if tensor in own]

    def buffer(self, tensor: str, shape: tuple[int, ...]) -> str:
        """A tensor that belongs to the op and isn't learned."""
        return self.graph.initializer(self.full_name(tensor), self.values(tensor, shape))

    def fixed(self, tensor: str, shape: tuple[int, ...]) -> str:
        """The same where nobody could tell that it isn't learned."""
        return self.graph.constant(self.scope, self.values(tensor, shape))

    def values(self, tensor: str, shape: tuple[int, ...]) -> TensorValues:
        """The numbers of a tensor."""
        return self.graph.weights(self.full_name(tensor), shape)

    def full_name(self, tensor: str) -> str:
        """The tensor's name among those of the whole network."""
        common = {tie.tensor: tie.common for tie in self.node.ties}
        return common.get(tensor, f"{self.node.name}.{tensor}")

    def aligned(self) -> list[str]:
        """The inputs with as many axes: those that one misses are of length 1, in front."""
        most = max(len(x.axes) for x in self.node.inputs)
        return [
            value if len(x.axes) == most else self._padded(value, x, most)
            for value, x in zip(self.inputs, self.node.inputs, strict=True)
        ]

    def _padded(self, value: str, x: Tensor, count: int) -> str:
        made = self.reshape(value, ((1,) * (count - len(x.axes)) + x.axes))
        if value in self.graph.single:
            self.graph.single.add(made)
        return made


def ones(count: int) -> TensorValues:
    """Scales that change nothing."""
    return np.ones(count, np.float32)


def zeros(count: int) -> TensorValues:
    """Shifts that change nothing."""
    return np.zeros(count, np.float32)
