"""Tensors that no input leads to, and further inputs."""

import numpy as np

from sepconv_cli.arithmetic import prod
from sepconv_cli.export.onnx_graph import NodeWriting


def _once(w: NodeWriting, tensor: str) -> str:
    """A tensor with a batch of one, which is all samples'."""
    made = w.add("Unsqueeze", tensor, (0,))
    if w.graph.batch != 1:
        w.graph.single.add(made)
    return made


def _learned(w: NodeWriting) -> str:
    weight = w.parameter("weight")
    if w.op.made_of is not None:
        # Nobody knows how they are made: each is read from those that there are, in turn.
        reads = np.arange(prod(w.op.shape)).reshape(w.op.shape) % max(w.op.made_of, 1)
        weight = w.add("Gather", weight, reads, axis=0)
    return _once(w, weight)


def _further_input(w: NodeWriting) -> str:
    name = f"input_{len(w.graph.further_inputs) + 1}"
    w.graph.further_inputs[name] = w.node.y
    return name


SOURCE_WRITERS = {
    "learned": _learned,
    "constant": lambda w: _once(w, w.fixed("values", w.op.shape)),
    "further_input": _further_input,
    "learned_scale": lambda w: w.add("Mul", w.x, w.parameter("weight")),
    "learned_shift": lambda w: w.add("Add", w.x, w.parameter("weight")),
}
