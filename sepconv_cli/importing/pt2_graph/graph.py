"""A program's graph -> a tape of its calls and the layout of every tensor, node by node."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.batches import BatchAxis, GraphTensor, carried
from sepconv_cli.importing.pt2_graph.arguments import (
    Known,
    held_weight,
    operator_name,
    tensor_names,
    tensors_of,
    used_tensors,
    user_outputs,
)
from sepconv_cli.importing.pt2_graph.carrying import as_carried
from sepconv_cli.importing.pt2_graph.inputs import open_sizes, user_inputs, whole_shape
from sepconv_cli.importing.pt2_graph.modules import node_scopes
from sepconv_cli.importing.pt2_graph.program import (
    NamedArgument,
    ProgramGraph,
    ProgramNode,
    SavedProgram,
    Tagged,
    TensorMeta,
    content,
)
from sepconv_cli.importing.pt2_graph.sizes import UnknownSize, size
from sepconv_cli.importing.pt2_graph.together import put_together
from sepconv_cli.importing.reading import Layout, layout, tensors
from sepconv_cli.importing.samples import UNKNOWN, Shapes, WholeShape, checked
from sepconv_cli.importing.tape import FunctionCall, Ref, Tape, Weight

# Graphs inside a node that run as they stand, once: a part of a model under torch.no_grad().
_WRAPPED = frozenset({"wrap_with_set_grad_enabled", "wrap_with_autocast"})
_DEEPEST = 20
# What takes no more of a tensor than its shape and type.
_FRESH = frozenset({"new_zeros", "new_ones", "new_full", "new_empty", "zeros_like", "ones_like",
                    "full_like", "empty_like"})  # fmt: skip
# What hands on part of a tensor, so that whoever writes into it writes into the whole.
_VIEWS = frozenset({"view", "slice", "select", "narrow", "transpose", "permute", "t", "unbind",
                    "split", "split_with_sizes", "chunk", "unsqueeze", "squeeze", "flatten",
                    "unflatten", "expand", "alias", "detach", "diagonal"})  # fmt: skip


class ReadProgram(msgspec.Struct, frozen=True):
    """A program as a tape, and the layout of every tensor by its number.

    `weights` are all that it has, whether they are read or not; `version` is that of its torch.
    """

    tape: Tape
    layouts: tuple[Layout, ...]
    weights: tuple[Weight, ...]
    version: str


def program_tape(program: SavedProgram, shapes: Shapes) -> ReadProgram:
    """The tape of a program. Raises UsageError."""
    reading = _Program(program, shapes)
    module = program.graph_module
    known, inputs = reading.arriving()
    if not inputs:
        raise UsageError("the program has no inputs that are tensors")
    weights = tuple(each for each in known.values() if isinstance(each, Weight))
    reading.read(module.graph, known)
    outputs = [known[name] for name in user_outputs(program)]
    refs = tuple(each for each in outputs if isinstance(each, Ref))
    calls = put_together(reading.calls, refs)
    tape = Tape(tuple(inputs), tuple(calls), refs)
    return ReadProgram(tape, tuple(reading.layouts), weights, program.torch_version)


class _Program:
    """What is known of the tensors so far, by their numbers on the tape."""

    def __init__(self, program: SavedProgram, shapes: Shapes) -> None:
        self._program = program
        self._sizes = open_sizes(program, shapes)
        self._samples = 1
        self.calls: list[FunctionCall] = []
        self.layouts: list[Layout] = []
        self._tensors: list[GraphTensor] = []
        self._moving: set[int] = set()
        """Tensors that depend on the inputs."""

    def arriving(self) -> tuple[Known, list[Ref]]:
        """The weights and inputs, and the inputs."""
        module = self._program.graph_module
        known: Known = {}
        for spec in module.signature.input_specs:
            found = held_weight(spec)
            if found is not None:
                name, weight, learned = found
                sizes = whole_shape(module.graph.tensor_values[name], self._sizes.one)
                known[name] = Weight(weight, checked(weight, sizes, least=0), learned)
        inputs = []
        for name in user_inputs(self._program):
            shape = whole_shape(module.graph.tensor_values[name], self._sizes.one)
            batch = BatchAxis(0, shape[0]) if shape else None
            ref = self._new(module.graph, name, batch, moving=True)
            if name in known:
                raise UsageError(f"two tensors are called {name}")
            known[name] = ref
            inputs.append(ref)
        self._samples = inputs[0].shape[0] if inputs and inputs[0].shape else 1
        return known, inputs

    def read(self, graph: ProgramGraph, known: Known, depth: int = 0) -> None:
        """Every node of a graph, whose tensors become known."""
        if depth > _DEEPEST:
            raise UsageError("its graphs stand too deep inside each other")
        used = used_tensors(graph)
        bases: dict[str, str] = {}
        for node in graph.nodes:
            function = operator_name(node.target)
            if function in _WRAPPED:
                self._inline(graph, node, known, depth)
            elif any(tensor_names(each) for each in node.outputs):
                self._call(graph, node, known, used)
                _follow(function, node, bases)
                if _writes(function):
                    self._written(graph, node, known, bases)

    def _call(self, graph: ProgramGraph, node: ProgramNode, known: Known, used: set[str]) -> None:
        function = operator_name(node.target)
        keywords = {each.name: self._value(graph, each, known) for each in node.inputs}
        if function in _FRESH:
            keywords.pop("self", None)
        if function == "as_strided" and self._is_same(graph, node):
            function = "alias"
        given = tensors(tuple(keywords.values()))
        moving = any(isinstance(each, Ref) and each.at in self._moving for each in given)
        names = [name for each in node.outputs for name in tensor_names(each)]
        last = max((at for at, name in enumerate(names, start=1) if name in used), default=1)
        try:
            refs = [
                self._new(graph, name, self._batch(graph, name, function, keywords, given), moving)
                for name in names[:last]
            ]
        except UnknownSize:
            function = f"{function} {UNKNOWN}"
            refs = [self._unknown(moving) for _ in names[:last]]
        for name, ref in zip(names, refs, strict=False):
            if name in known:
                raise UsageError(f"two tensors are called {name}")
            known[name] = ref
        path, classes = node_scopes(node)
        self.calls.append(FunctionCall(function, (), keywords, tuple(refs), path, classes))

    def _batch(
        self,
        graph: ProgramGraph,
        name: str,
        function: str,
        keywords: dict[str, Any],
        given: Sequence[Ref | Weight],
    ) -> BatchAxis | None:
        """The batch of what comes out, where the sizes themselves don't tell."""
        if self._sizes.two is not None:
            return None
        inputs = [self._tensor(each) for each in given]
        y = whole_shape(graph.tensor_values[name], self._sizes.one)
        found = carried(as_carried(function.rstrip("_"), keywords, inputs, y))
        if function == "expand" and inputs[0].batch is None:
            found = self._one_for_each(inputs[0].shape, y)
        fits = found is not None and found.axis < len(y) and not y[found.axis] % found.count
        return found if fits else None

    def _one_for_each(self, x: WholeShape, y: WholeShape) -> BatchAxis | None:
        """The batch of a constant that is repeated for several samples."""
        count = self._samples
        repeated = len(y) > len(x) or x[:1] == (1,)
        return BatchAxis(0, count) if count > 1 and y[:1] == (count,) and repeated else None

    def _is_same(self, graph: ProgramGraph, node: ProgramNode) -> bool:
        """Whether what comes out lies in memory as what arrives; an axis of 1 may lie anyhow."""
        (x,), (y,) = tensor_names(node.inputs[0].arg), tensor_names(node.outputs[0])
        before, after = (_in_memory(graph.tensor_values[name], self._sizes.one) for name in (x, y))
        return before == after

    def _tensor(self, each: Ref | Weight) -> GraphTensor:
        return self._tensors[each.at] if isinstance(each, Ref) else GraphTensor(each.shape)

    def _new(self, graph: ProgramGraph, name: str, batch: BatchAxis | None, moving: bool) -> Ref:
        shape = whole_shape(graph.tensor_values[name], self._sizes.one)
        checked(name, shape, least=1 if moving else 0)
        tensor = GraphTensor(shape, batch)
        found = tensor.layout
        if self._sizes.two is not None:
            found = layout(shape, whole_shape(graph.tensor_values[name], self._sizes.two))
        return self._add(tensor, found, moving)

    def _unknown(self, moving: bool) -> Ref:
        return self._add(GraphTensor((1,)), Layout((1,), None), moving)

    def _add(self, tensor: GraphTensor, found: Layout, moving: bool) -> Ref:
        ref = Ref(len(self._tensors), tensor.shape)
        self._tensors.append(tensor)
        self.layouts.append(found)
        if moving:
            self._moving.add(ref.at)
        return ref

    def _value(self, graph: ProgramGraph, given: NamedArgument, known: Known) -> Any:
        kind, found = content(given.arg)
        if kind == "as_none":
            return None
        if kind in ("as_tensor", "as_tensors", "as_optional_tensor", "as_optional_tensors"):
            return tensors_of(kind, found, known)
        if kind == "as_sym_int":
            return self._number(graph, found)
        if kind == "as_sym_ints":
            return [self._number(graph, each) for each in found]
        # Infinity is written as text.
        return float(found) if kind == "as_float" else None if kind == "as_graph" else found

    def _number(self, graph: ProgramGraph, given: Tagged) -> int | None:
        """A whole number; None where it hangs on values."""
        kind, found = content(given)
        try:
            value = given if kind == "as_int" else graph.sym_int_values[found]
            return size(value, self._sizes.one)
        except UnknownSize:
            return None

    def _inline(self, graph: ProgramGraph, node: ProgramNode, known: Known, depth: int) -> None:
        """The nodes of a graph inside a node, in its place."""
        arguments = [content(each.arg) for each in node.inputs]
        inner = next(found["graph"] for kind, found in arguments if kind == "as_graph")
        inside = msgspec.convert(inner, ProgramGraph)
        operands = [known[found["name"]] for kind, found in arguments if kind == "as_tensor"]
        names = [name for each in inside.inputs for name in tensor_names(each)]
        within: Known = dict(zip(names, operands, strict=True))
        self.read(inside, within, depth + 1)
        made = [name for each in inside.outputs for name in tensor_names(each)]
        outside = [name for each in node.outputs for name in tensor_names(each)]
        known.update({name: within[of] for name, of in zip(outside, made, strict=True)})

    def _written(
        self, graph: ProgramGraph, node: ProgramNode, known: Known, bases: dict[str, str]
    ) -> None:
        """A call in place: whoever reads the tensor from now on reads what came out.

        Where it was part of another tensor, nobody can tell what that is now.
        """
        (name,), (made, *_) = tensor_names(node.inputs[0].arg), node.outputs
        new = known[tensor_names(made)[0]]
        whole = bases.get(name)
        known[name] = new
        if whole is not None:
            before, moving = known[whole], isinstance(new, Ref) and new.at in self._moving
            shape = self._tensor(before)
            found = self.layouts[before.at] if isinstance(before, Ref) else shape.layout
            ref = self._add(shape, found, moving)
            path, classes = node_scopes(node)
            function = f"{operator_name(node.target)} into a part"
            call = FunctionCall(function, (before, new), {}, (ref,), path, classes)
            self.calls.append(call)
            known[whole] = ref


def _in_memory(meta: TensorMeta, symbols: Mapping[str, int]) -> list[tuple[int, int]]:
    """The length of each axis and how far apart its elements lie."""
    shape = whole_shape(meta, symbols)
    apart = [size(each, symbols) for each in meta.strides]
    pairs = zip(shape, apart, strict=True)
    return [(length, stride if length > 1 else 0) for length, stride in pairs]


def _writes(function: str) -> bool:
    return function.endswith("_") and not function.endswith("__")


def _follow(function: str, node: ProgramNode, bases: dict[str, str]) -> None:
    """Remember of which tensor the outputs are part."""
    if function not in _VIEWS or not node.inputs:
        return
    for name in tensor_names(node.inputs[0].arg):
        for each in node.outputs:
            bases.update(dict.fromkeys(tensor_names(each), bases.get(name, name)))
