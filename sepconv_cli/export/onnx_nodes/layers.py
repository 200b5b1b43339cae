"""Layers that multiply by weights."""

from typing import Any

from sepconv_cli.export.onnx_graph import NodeWriting
from sepconv_cli.export.onnx_nodes.shapes import along_channels, padded
from sepconv_cli.ops._axes import Padding


def _conv(w: NodeWriting) -> str:
    return _convolved(w, w.parameter("weight"))


def _fixed_conv(w: NodeWriting) -> str:
    inputs = w.shape.channels // w.op.groups
    return _convolved(w, w.fixed("weight", (w.op.out_channels, inputs, *w.op.kernel_size)))


def _convolved(w: NodeWriting, weight: str) -> str:
    sides: Padding = w.op.sides
    x = w.x
    if w.op.padding_mode != "zeros":
        x = padded(w, x, ((0, 0), *sides), w.op.padding_mode)
        sides = ((0, 0),) * len(sides)
    return w.add(
        "Conv",
        x,
        weight,
        *w.parameters("bias"),
        kernel_shape=w.op.kernel_size,
        strides=w.op.stride,
        pads=befores_and_afters(sides),
        dilations=w.op.dilation,
        group=w.op.groups,
    )


def befores_and_afters(sides: Padding) -> list[int]:
    """Padding in the order of ONNX: before on every axis, then after."""
    return [before for before, _ in sides] + [after for _, after in sides]


def _conv_transpose(w: NodeWriting) -> str:
    if any(more >= step for more, step in zip(w.op.output_padding, w.op.stride, strict=True)):
        return _conv_transpose_in_parts(w)
    return w.add(
        "ConvTranspose",
        w.x,
        *w.parameters("weight", "bias"),
        pads=[*w.op.padding, *w.op.padding],
        output_padding=w.op.output_padding,
        **_spread(w),
    )


def _conv_transpose_in_parts(w: NodeWriting) -> str:
    """onnxruntime refuses more output padding than the stride; behind the last taps are zeros."""
    pairs = list(zip(w.op.padding, w.op.output_padding, strict=True))
    sides = tuple((pad, max(pad - more, 0)) for pad, more in pairs)
    pads = befores_and_afters(sides)
    y = w.add("ConvTranspose", w.x, w.parameter("weight"), pads=pads, **_spread(w))
    y = padded(w, y, ((0, 0), *((0, max(more - pad, 0)) for pad, more in pairs)))
    bias = w.parameters("bias")
    return w.add("Add", y, along_channels(w, *bias)) if bias else y


def _spread(w: NodeWriting) -> dict[str, Any]:
    return {
        "kernel_shape": w.op.kernel_size,
        "strides": w.op.stride,
        "dilations": w.op.dilation,
        "group": w.op.groups,
    }


def _linear(w: NodeWriting) -> str:
    if not w.shape.size:
        return w.add("Gemm", w.x, *w.parameters("weight", "bias"), transB=1)
    product = w.add("MatMul", w.x, w.turned("weight"))
    return w.add("Add", product, w.parameter("bias")) if w.op.bias else product


def _embedding(w: NodeWriting) -> str:
    """A vector is behind its position in ONNX, and channels here."""
    indices = w.x
    if not w.graph.whole_numbers:
        indices = w.add("Cast", w.x, to=_INT64)
    found = w.add("Gather", w.parameter("weight"), indices, axis=0)
    return w.add("Transpose", found, perm=[0, 2, 1])


_INT64 = 7
"""onnx.TensorProto.INT64."""

LAYER_WRITERS = {
    "conv": _conv,
    "fixed_conv": _fixed_conv,
    "conv_transpose": _conv_transpose,
    "linear": _linear,
    "embedding": _embedding,
}
