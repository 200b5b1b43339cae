"""What moves elements and computes nothing."""

from collections.abc import Sequence

import numpy as np

from sepconv_cli.export.onnx_graph import NodeWriting
from sepconv_cli.export.weights import TensorValues
from sepconv_cli.ops._axes import slide

_Sides = Sequence[tuple[int, int]]

_MODES = {"reflect": "reflect", "replicate": "edge"}


def padded(w: NodeWriting, x: str, sides: _Sides, mode: str = "zeros", value: float = 0.0) -> str:
    """Padding on every axis of a sample; below zero it takes away."""
    x = _cropped(w, x, sides)
    more = [(max(before, 0), max(after, 0)) for before, after in sides]
    if not any(map(any, more)):
        return x
    if mode == "circular":
        return _wrapped(w, x, more)
    pads = (0, *(before for before, _ in more), 0, *(after for _, after in more))
    if mode in _MODES:
        return w.add("Pad", x, pads, mode=_MODES[mode])
    return w.add("Pad", x, pads, -np.inf if mode == "lowest" else value, mode="constant")


def _cropped(w: NodeWriting, x: str, sides: _Sides) -> str:
    for axis, (before, after) in enumerate(sides, start=1):
        if min(before, after) < 0:
            x = cut(w, x, axis, max(-before, 0), after if after < 0 else _END)
    return x


def _wrapped(w: NodeWriting, x: str, sides: _Sides) -> str:
    """The end in front of the start, and the start behind the end."""
    for axis, (before, after) in enumerate(sides, start=1):
        head = [cut(w, x, axis, -before, _END)] if before else []
        tail = [cut(w, x, axis, 0, after)] if after else []
        x = w.add("Concat", *head, x, *tail, axis=axis) if head or tail else x
    return x


_END = 2**31 - 1


def cut(w: NodeWriting, x: str, axis: int, start: int, stop: int, step: int = 1) -> str:
    """Some of the positions on an axis of a tensor, the batch being axis 0."""
    return w.add("Slice", x, (start,), (stop,), (axis,), (step,))


def along_channels(w: NodeWriting, tensor: str) -> str:
    """A number for each channel, so that it is taken along all positions."""
    axes = tuple(range(1, 1 + len(w.shape.size)))
    return w.made_of(tensor, "Unsqueeze", axes) if axes else tensor


def _slice(w: NodeWriting) -> str:
    stop = w.shape.axes[w.op.axis] if w.op.stop is None else w.op.stop
    return cut(w, w.x, w.op.axis + 1, w.op.start, stop, w.op.step)


def _pad(w: NodeWriting) -> str:
    return padded(w, w.x, w.op.padding, w.op.mode, w.op.value)


def _zero_pad(w: NodeWriting) -> str:
    return padded(w, w.x, ((0, 0), *w.op.padding))


def _roll(w: NodeWriting) -> str:
    x = w.x
    for shift, axis in zip(w.op.shifts, w.op.axes, strict=True):
        at = -shift % w.shape.axes[axis]
        if at:
            parts = (cut(w, x, axis + 1, at, _END), cut(w, x, axis + 1, 0, at))
            x = w.add("Concat", *parts, axis=axis + 1)
    return x


def _permute(w: NodeWriting) -> str:
    return w.add("Transpose", w.x, perm=[0, *(axis + 1 for axis in w.op.axes)])


def _expand(w: NodeWriting) -> str:
    missing = len(w.op.shape) - len(w.shape.axes)
    x = w.reshape(w.x, (1,) * missing + w.shape.axes) if missing else w.x
    return w.add("Expand", x, (1, *w.op.shape))


def _channel_shuffle(w: NodeWriting) -> str:
    channels, size = w.shape.channels, w.shape.size
    dealt = w.reshape(w.x, (w.op.groups, channels // w.op.groups, *size))
    turned = w.add("Transpose", dealt, perm=[0, 2, 1, *range(3, 3 + len(size))])
    return w.reshape(turned, w.shape.axes)


def _pixel_shuffle(w: NodeWriting) -> str:
    return w.add("DepthToSpace", w.x, blocksize=w.op.upscale_factor, mode="CRD")


def _windows(w: NodeWriting) -> str:
    """The positions of a window are gathered behind the windows, and go last."""
    axis, rank = w.op.axis + 1, len(w.shape.axes) + 1
    starts = np.arange(w.node.y.axes[w.op.axis])[:, None] * w.op.step
    found = w.add("Gather", w.x, starts + np.arange(w.op.length), axis=axis)
    order = [at for at in range(rank + 1) if at != axis + 1]
    return w.add("Transpose", found, perm=[*order, axis + 1])


def _unfold(w: NodeWriting) -> str:
    """Rows by kernel rows, columns by kernel columns; then the kernel in front of the positions."""
    sides = tuple((padding, padding) for padding in w.op.padding)
    given = (w.op.kernel_size, w.op.dilation, w.op.stride)
    counts = slide(w.shape.size, sides, *given)
    rows, columns = map(_reads, counts, *given)
    x = padded(w, w.x, ((0, 0), *sides))
    x = w.add("Gather", x, rows, axis=2)
    x = w.add("Gather", x, columns, axis=4)
    return w.reshape(w.add("Transpose", x, perm=[0, 1, 2, 4, 3, 5]), w.node.y.axes)


def _reads(count: int, kernel: int, dilation: int, stride: int) -> TensorValues:
    """The positions that every tap reads: taps x windows."""
    return np.arange(kernel)[:, None] * dilation + np.arange(count) * stride


def _fold(w: NodeWriting) -> str:
    return w.add(
        "Col2Im",
        w.x,
        w.op.output_size,
        w.op.kernel_size,
        dilations=w.op.dilation,
        pads=[*w.op.padding, *w.op.padding],
        strides=w.op.stride,
    )


SHAPE_WRITERS = {
    "identity": lambda w: w.x,
    "dropout": lambda w: w.x,
    # Their layer's weights are written as they are when all is worked into them.
    "further_parameters": lambda w: w.x,
    "flatten": lambda w: w.add("Flatten", w.x, axis=1),
    "reshape": lambda w: w.reshape(w.x, w.op.shape),
    "slice": _slice,
    "pad": _pad,
    "zero_pad": _zero_pad,
    "roll": _roll,
    "permute": _permute,
    "expand": _expand,
    "channel_shuffle": _channel_shuffle,
    "pixel_shuffle": _pixel_shuffle,
    "windows": _windows,
    "unfold": _unfold,
    "fold": _fold,
}
