"""Pools over windows, over everything, and over windows that fit an output size."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from sepconv_cli.arithmetic import ceil_div
from sepconv_cli.export.onnx_graph import NodeWriting
from sepconv_cli.export.onnx_nodes.layers import befores_and_afters
from sepconv_cli.export.onnx_nodes.shapes import padded
from sepconv_cli.ops._axes import Padding, span

PoolKind = Literal["Average", "Max"]


def _max_pool(w: NodeWriting) -> str:
    sides = befores_and_afters(_reached(w))
    return w.add("MaxPool", w.x, pads=sides, dilations=w.op.dilation, **_window(w))


def _avg_pool(w: NodeWriting) -> str:
    """A window that hangs over the padding's end has its own elements counted alone."""
    reached, written = _reached(w), w.op.sides
    x, counted = w.x, int(w.op.count_include_pad)
    if reached != written and counted:
        x = padded(w, x, ((0, 0), *written))
        reached = tuple(
            (0, after - side) for (_, after), (side, _) in zip(reached, written, strict=True)
        )
        counted = 0
    sides = befores_and_afters(reached)
    return w.add("AveragePool", x, pads=sides, count_include_pad=counted, **_window(w))


def _window(w: NodeWriting) -> dict[str, Any]:
    return {"kernel_shape": w.op.kernel_size, "strides": w.op.step}


def _reached(w: NodeWriting) -> Padding:
    """The padding with as much more at the end as the last windows of `ceil_mode` hang over."""
    rows = zip(
        w.shape.size,
        w.node.y.size,
        w.op.kernel_size,
        w.op.window_dilation(),
        w.op.step,
        w.op.padding,
        strict=True,
    )
    return tuple(
        (pad, max(pad, (count - 1) * step + span(kernel, dilation) - length - pad))
        for length, count, kernel, dilation, step, pad in rows
    )


def _global(kind: PoolKind) -> Callable[[NodeWriting], str]:
    return lambda w: w.add(f"Global{kind}Pool", w.x)


def _adaptive(kind: PoolKind) -> Callable[[NodeWriting], str]:
    return lambda w: fitted_pool(w, w.x, w.op.output_size, kind)


def fitted_pool(w: NodeWriting, x: str, size: Sequence[int], kind: PoolKind) -> str:
    """A pool with this output size: plain windows where they are all alike."""
    lengths = w.shape.size
    if set(size) == {1}:
        return w.add(f"Global{kind}Pool", x)
    if all(n % m == 0 for n, m in zip(lengths, size, strict=True)):
        steps = [n // m for n, m in zip(lengths, size, strict=True)]
        return w.add(f"{kind}Pool", x, kernel_shape=steps, strides=steps)
    for axis, (length, count) in enumerate(zip(lengths, size, strict=True), start=2):
        x = _gathered(w, x, axis, length, count, kind)
    return x


def _gathered(w: NodeWriting, x: str, axis: int, length: int, count: int, kind: PoolKind) -> str:
    """Of n elements, window i of m holds those from floor(i n / m) up to ceil((i + 1) n / m)."""
    starts = [at * length // count for at in range(count)]
    ends = [ceil_div((at + 1) * length, count) for at in range(count)]
    widest = max(end - start for start, end in zip(starts, ends, strict=True))
    reads = np.minimum(np.array(starts)[:, None] + np.arange(widest), np.array(ends)[:, None] - 1)
    found = w.add("Gather", x, reads, axis=axis)
    if kind == "Max":
        return w.add("ReduceMax", found, (axis + 1,), keepdims=0)
    lengths = np.array(ends)[:, None] - np.array(starts)[:, None]
    shares = np.where(np.arange(widest) < lengths, 1 / lengths, 0).astype(np.float32)
    behind = shares.reshape(shares.shape + (1,) * (len(w.shape.axes) - axis))
    return w.add("ReduceSum", w.add("Mul", found, behind), (axis + 1,), keepdims=0)


_REDUCTIONS = {
    "mean": "ReduceMean",
    "sum": "ReduceSum",
    "max": "ReduceMax",
    "min": "ReduceMin",
    "norm": "ReduceL2",
}


def _reduce(w: NodeWriting) -> str:
    axes = tuple(axis + 1 for axis in w.op.axes)
    keep = int(w.op.keepdim)
    if w.op.function in _REDUCTIONS:
        return w.add(_REDUCTIONS[w.op.function], w.x, axes, keepdims=keep)
    away = w.add("Sub", w.x, w.add("ReduceMean", w.x, axes, keepdims=1))
    squares = w.add("ReduceSumSquare", away, axes, keepdims=keep)
    elements = w.shape.elements // w.node.y.elements
    return w.add("Div", squares, float(elements - w.op.correction))


POOL_WRITERS = {
    "max_pool": _max_pool,
    "avg_pool": _avg_pool,
    "global_avg_pool": _global("Average"),
    "global_max_pool": _global("Max"),
    "adaptive_avg_pool": _adaptive("Average"),
    "adaptive_max_pool": _adaptive("Max"),
    "reduce": _reduce,
}
