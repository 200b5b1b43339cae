"""What ONNX's operators mean: readers that turn a node into ops, by the operators' names.

A reader takes a `NodeReading`, emits ops and gives the steps that its outputs are. Where an
operator is what one of torch's functions is, it says so, and functions/ emits the ops. It raises
Unreadable where it can't tell. Operators are those of https://onnx.ai/onnx/operators.
"""

import msgspec

from sepconv_cli.importing.onnx_graph.graph import NodeCall
from sepconv_cli.importing.onnx_ops import activations, arithmetic, layers, recurrent, shapes
from sepconv_cli.importing.onnx_ops._node import NodeReader, NodeReading
from sepconv_cli.importing.reading import State, Unreadable
from sepconv_cli.importing.steps import Step
from sepconv_cli.importing.tape import FunctionCall, Ref
from sepconv_cli.language.numbers import MAX_VALUE

NODE_READERS: dict[str, tuple[tuple[str, ...], NodeReader]] = {
    **layers.LAYER_NODES,
    **recurrent.RECURRENT_NODES,
    **activations.ACTIVATION_NODES,
    **shapes.SHAPE_NODES,
    **arithmetic.ARITHMETIC_NODES,
}
"""The names of each operator's inputs in their order, and its reader."""


def read_node(state: State, call: FunctionCall) -> list[int]:
    """The steps that a node's outputs are. Raises Unreadable."""
    if call.function not in NODE_READERS or not isinstance(call, NodeCall):
        raise Unreadable(f"no reader for {call.function}")
    before = len(state.steps)
    names, reader = NODE_READERS[call.function]
    node = NodeReading(state, call, names)
    try:
        found = reader(node)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        # What ONNX's own checks let through and no network has.
        raise Unreadable(str(error)) from error
    for step in state.steps[before:]:
        _check(step)
    made = [found] if isinstance(found, int) else list(found)
    return made + [_other(node, ref) for ref in call.outputs[len(made) :]]


def _check(step: Step) -> None:
    """An op has what a spec can hold. Raises Unreadable."""
    fields = msgspec.structs.asdict(step.op)
    if any(isinstance(each, float) and not abs(each) <= MAX_VALUE for each in fields.values()):
        raise Unreadable("a number beyond any")
    try:
        msgspec.convert(fields, type(step.op))
    except msgspec.ValidationError as error:
        raise Unreadable(str(error)) from error


def _other(node: NodeReading, ref: Ref) -> int:
    """An output that nobody can tell, of a node whose first ones are known."""
    inputs = [each for each in node.inputs if not node.is_constant(each)]
    shape = node.layout(ref).dims or (1,)
    return node.emit(
        "opaque", *inputs, function=f"{node.call.function} (other output)", shape=shape
    )
