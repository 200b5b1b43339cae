"""Norms, in parts where ONNX has no operator of its own for them at opset 18."""

import numpy as np

from sepconv_cli.export.onnx_graph import NodeWriting, Operand, ones, zeros
from sepconv_cli.export.onnx_nodes.shapes import along_channels, cut


def _batch_norm(w: NodeWriting) -> str:
    return _by_statistics(w, w.shape.channels)


def _by_statistics(w: NodeWriting, channels: int) -> str:
    mean, variance = (w.buffer(f"running_{each}", (channels,)) for each in ("mean", "var"))
    return w.add("BatchNormalization", w.x, *_affine(w), mean, variance, epsilon=w.op.eps)


def _affine(w: NodeWriting) -> list[Operand]:
    """A scale and a shift for each channel, which ONNX always has."""
    channels = w.shape.channels
    learned: list[Operand] = [*w.parameters("weight", "bias")]
    return learned or [ones(channels), zeros(channels)]


def _instance_norm(w: NodeWriting) -> str:
    channels = w.shape.channels
    if w.op.track_running_stats:
        return _by_statistics(w, channels)
    return w.add("InstanceNormalization", w.x, *_affine(w), epsilon=w.op.eps)


def _group_norm(w: NodeWriting) -> str:
    """Each group as one channel of an instance norm."""
    groups = w.op.num_groups
    dealt = w.reshape(w.x, (groups, w.shape.elements // groups))
    normal = w.add("InstanceNormalization", dealt, ones(groups), zeros(groups), epsilon=w.op.eps)
    y = w.reshape(normal, w.shape.axes)
    for operator, tensor in zip(("Mul", "Add"), w.parameters("weight", "bias"), strict=False):
        y = w.add(operator, y, along_channels(w, tensor))
    return y


def _layer_norm(w: NodeWriting) -> str:
    shape = w.op.normalized_shape or w.shape.axes
    affine: list[Operand] = [*w.parameters("weight", "bias")]
    affine = affine or [np.ones(shape, np.float32)]
    return w.add("LayerNormalization", w.x, *affine, axis=-len(shape), epsilon=w.op.eps)


def _rms_norm(w: NodeWriting) -> str:
    shape = w.op.normalized_shape or w.shape.axes
    eps = float(np.finfo(np.float32).eps) if w.op.eps is None else w.op.eps
    squares = w.add("Pow", w.x, 2.0)
    mean = w.add("ReduceMean", squares, tuple(range(-len(shape), 0)), keepdims=1)
    root = w.add("Sqrt", w.add("Add", mean, eps))
    y = w.add("Mul", w.x, w.add("Reciprocal", root))
    return w.add("Mul", y, w.parameter("weight")) if w.op.elementwise_affine else y


def _local_response_norm(w: NodeWriting) -> str:
    """Of an even size, ONNX and torch have the odd channel on different sides."""
    if w.op.size % 2 == 0:
        return _local_response_by_sums(w)
    # onnxruntime's runs over two axes.
    axes = w.shape.axes
    plane = w.x if len(axes) == 3 else w.reshape(w.x, (axes[0], -1, 1))
    y = w.add("LRN", plane, size=w.op.size, alpha=w.op.alpha, beta=w.op.beta, bias=w.op.k)
    return y if len(axes) == 3 else w.reshape(y, axes)


def _local_response_by_sums(w: NodeWriting) -> str:
    size, channels = w.op.size, w.shape.channels
    rest = len(w.shape.size)
    pads = (0, size // 2, *(0,) * rest, 0, (size - 1) // 2, *(0,) * rest)
    squares = w.add("Pad", w.add("Mul", w.x, w.x), pads)
    shifted = [cut(w, squares, 1, at, at + channels) for at in range(size)]
    scaled = w.add("Mul", w.add("Sum", *shifted), float(w.op.alpha / size))
    return w.add("Div", w.x, w.add("Pow", w.add("Add", scaled, float(w.op.k)), float(w.op.beta)))


NORM_WRITERS = {
    "batch_norm": _batch_norm,
    "instance_norm": _instance_norm,
    "group_norm": _group_norm,
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "local_response_norm": _local_response_norm,
}
