"""Operators of core ATen, into which torch takes its functions apart."""

from typing import Any

from msgspec.structs import replace

from sepconv_cli.importing.aten._call import as_torch, like
from sepconv_cli.importing.reading import Reader, Reading, Unreadable


def _convolution(r: Reading) -> int | list[int]:
    """Any convolution; the weight says how many axes there are."""
    if r["transposed"]:
        return as_torch(r, "conv_transpose2d", **r.given)
    return as_torch(r, "conv2d", **r.given)


def _addmm(r: Reading) -> int | list[int]:
    """A product of matrices and a bias, each with a factor, which is 1 in a linear layer."""
    if r.get("beta", 1) != 1 or r.get("alpha", 1) != 1:
        raise Unreadable("a factor of its own")
    bias, x, matrix = r["input"], r["mat1"], r["mat2"]
    if not r.is_constant(bias) or not r.is_constant(matrix):
        raise Unreadable("a product of two tensors, plus a third")
    outputs = r.layout(matrix).dims[1]
    if r.layout(bias).dims != (outputs,):
        raise Unreadable("a bias of another shape")
    return _linear(r, x, matrix, bias)


def _mm(r: Reading) -> int | list[int]:
    matrix = r["mat2"]
    if r.is_constant(matrix) and not r.is_constant(r["input"]):
        return _linear(r, r["input"], matrix)
    return as_torch(r, "matmul", input=r["input"], other=matrix)


def _linear(r: Reading, x: Any, matrix: Any, *bias: Any) -> int:
    """A product with a matrix of inputs x outputs."""
    inputs, outputs = r.layout(matrix).dims
    dims = r.layout(x).dims
    if dims[-1:] != (inputs,):
        raise Unreadable("the batch is the last axis")
    return r.emit(
        "linear",
        x,
        out_features=outputs,
        bias=bool(bias),
        in_features=inputs if len(dims) > 1 else None,
        held=[replace(r.held(matrix), turned=True), *map(r.held, bias)],
        y=r.y,
    )


def _prelu(r: Reading) -> int | list[int]:
    """The weight has as many axes as what arrives, all but one of them 1."""
    dims = [n for n in r.layout(r["weight"]).dims if n != 1] or [1]
    if len(dims) != 1:
        raise Unreadable("a weight for each element")
    held = [r.held(r["weight"])]
    return r.emit("prelu", r["input"], num_parameters=dims[0], held=held, y=r.y)


DECOMPOSED_READERS: dict[str, Reader] = {
    "convolution": _convolution,
    "addmm": _addmm,
    "mm": _mm,
    "bmm": like("bmm", mat2="other"),
    "_prelu_kernel": _prelu,
    "_native_batch_norm_legit_no_training": like("batch_norm"),
    "native_layer_norm": like("layer_norm"),
    "native_group_norm": like("group_norm", group="num_groups"),
    "_fused_rms_norm": like("rms_norm"),
    "_softmax": like("softmax"),
    "_log_softmax": like("log_softmax"),
    **{f"max_pool{n}d_with_indices": like(f"max_pool{n}d") for n in (2, 3)},
    **{f"_adaptive_avg_pool{n}d": like(f"adaptive_avg_pool{n}d") for n in (2, 3)},
    **dict.fromkeys(("alias", "_to_copy", "lift_fresh_copy", "native_dropout"), like("clone")),
    "_unsafe_view": like("view"),
    "constant_pad_nd": like("pad"),
    "_scaled_dot_product_flash_attention_for_cpu": like("scaled_dot_product_attention"),
}
