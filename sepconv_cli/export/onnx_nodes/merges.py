"""What joins several inputs."""

from collections.abc import Callable
from functools import reduce

import numpy as np

from sepconv_cli.export.onnx_graph import NodeWriting


def _one_by_one(operator: str) -> Callable[[NodeWriting], str]:
    return lambda w: reduce(lambda left, right: w.add(operator, left, right), w.aligned())


def _stack(w: NodeWriting) -> str:
    axis = w.op.axis + 1
    parts = [w.add("Unsqueeze", each, (axis,)) for each in w.inputs]
    return w.add("Concat", *parts, axis=axis)


def _attention(w: NodeWriting) -> str:
    """Scores, shares and values, each by an operator of its own."""
    query, key, value, *masks = w.aligned()
    scale = w.shape.axes[-1] ** -0.5 if w.op.scale is None else w.op.scale
    rank = max(len(x.axes) for x in w.node.inputs) + 1
    turned = w.add("Transpose", key, perm=[*range(rank - 2), rank - 1, rank - 2])
    scores = w.add("MatMul", w.add("Mul", query, float(scale)), turned)
    for mask in masks:
        scores = w.add("Add", scores, mask)
    if w.op.causal:
        scores = w.add("Add", scores, _later(w))
    return w.add("MatMul", w.add("Softmax", scores, axis=-1), value)


def _later(w: NodeWriting) -> str:
    """Minus infinity where a key is later than the query."""
    queries, keys = (x.axes[-2] for x in w.node.inputs[:2])
    mask = np.triu(np.full((queries, keys), -np.inf, np.float32), 1)
    return w.graph.constant(w.scope, mask)


def _self_attention(w: NodeWriting) -> str:
    """As torch.nn.MultiheadAttention: positions x channels, dealt to heads."""
    channels, (length,) = w.shape.channels, w.shape.size
    heads, each = w.op.num_heads, channels // w.op.num_heads
    positions = w.add("Transpose", w.x, perm=[0, 2, 1])

    def dealt(part: str, order: tuple[int, ...]) -> str:
        found = w.reshape(_projected(w, positions, part), (length, heads, each))
        return w.add("Transpose", found, perm=order)

    query = w.add("Mul", dealt("query", (0, 2, 1, 3)), each**-0.5)
    shares = w.add("Softmax", w.add("MatMul", query, dealt("key", (0, 2, 3, 1))), axis=-1)
    weighed = w.add("MatMul", shares, dealt("value", (0, 2, 1, 3)))
    together = w.reshape(w.add("Transpose", weighed, perm=[0, 2, 1, 3]), (length, channels))
    return w.add("Transpose", _projected(w, together, "output"), perm=[0, 2, 1])


def _projected(w: NodeWriting, x: str, part: str) -> str:
    product = w.add("MatMul", x, w.turned(f"{part}.weight"))
    return w.add("Add", product, w.parameter(f"{part}.bias")) if w.op.bias else product


BROADCASTING_WRITERS = {
    "add": _one_by_one("Add"),
    "subtract": _one_by_one("Sub"),
    "multiply": _one_by_one("Mul"),
    "divide": _one_by_one("Div"),
    "maximum": _one_by_one("Max"),
    "minimum": _one_by_one("Min"),
    "matmul": lambda w: w.add("MatMul", *w.aligned()),
    "scaled_dot_product_attention": _attention,
}
"""Those that take what is there once along all samples."""

MERGE_WRITERS = {
    **BROADCASTING_WRITERS,
    "concat": lambda w: w.add("Concat", *w.inputs, axis=w.op.axis + 1),
    "stack": _stack,
    "multi_head_attention": _self_attention,
}
