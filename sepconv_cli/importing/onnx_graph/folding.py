"""Arithmetic on small constants: the shapes that exporters work out in the graph.

Only what stays small is worked out; None means that it isn't known. Operators have their meaning
from https://onnx.ai/onnx/operators, axes and other arguments as an attribute or, in later
versions, as an input.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from math import prod
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

NodeValue = np.ndarray[Any, Any]

MOST = 4096
"""Elements of a tensor that is worth knowing."""

_T = onnx.TensorProto
_NUMBERS = frozenset({_T.BOOL, _T.INT8, _T.INT16, _T.INT32, _T.INT64, _T.UINT8, _T.UINT16,
                      _T.UINT32, _T.UINT64, _T.FLOAT16, _T.FLOAT, _T.DOUBLE})  # fmt: skip


def values(tensor: onnx.TensorProto) -> NodeValue | None:
    """The values of a small tensor, where the file holds them. Raises ValueError."""
    if tensor.data_location == onnx.TensorProto.EXTERNAL or prod(tensor.dims) > MOST:
        return None
    if tensor.data_type not in _NUMBERS or not _has_data(tensor):
        return None
    found: NodeValue = numpy_helper.to_array(tensor)
    return found


def _has_data(tensor: onnx.TensorProto) -> bool:
    held = (tensor.raw_data, tensor.float_data, tensor.int32_data, tensor.int64_data)
    return any(map(len, (*held, tensor.double_data, tensor.uint64_data))) or not prod(tensor.dims)


def folded_node(
    op: str, attributes: dict[str, Any], inputs: Sequence[NodeValue | None]
) -> tuple[NodeValue, ...] | None:
    """The outputs of an operator on known values; None where it isn't one that shapes need."""
    if op not in _FOLDS or any(each is not None and each.size > MOST for each in inputs):
        return None
    try:
        with np.errstate(all="ignore"):
            found = _FOLDS[op](attributes, *inputs)
    except (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError):
        return None
    several = found if isinstance(found, list) else [found]
    arrays = tuple(np.asarray(each) for each in several)
    worth = all(each.size <= MOST and each.dtype.kind in "biuf" for each in arrays)
    return arrays if worth else None


def shape_of(attributes: dict[str, Any], shape: Sequence[int]) -> NodeValue:
    """What Shape hands out, since version 15 for some of the axes."""
    return np.array(shape[slice(attributes.get("start", 0), attributes.get("end"))], np.int64)


_WRITTEN = {"ints": np.int64, "int": np.int64, "floats": np.float32, "float": np.float32}


def _constant(attributes: dict[str, Any]) -> Any:
    for name, kind in _WRITTEN.items():
        if f"value_{name}" in attributes:
            return np.array(attributes[f"value_{name}"], kind)
    found = values(attributes["value"])
    if found is None:
        raise ValueError
    return found


def _filled(attributes: dict[str, Any], shape: NodeValue) -> Any:
    given = attributes.get("value")
    value = np.zeros(1, np.float32) if given is None else numpy_helper.to_array(given)
    return np.full(_bounded(shape), value.reshape(-1)[0], value.dtype)


def _bounded(shape: NodeValue) -> tuple[int, ...]:
    found = tuple(int(length) for length in shape.reshape(-1))
    if min(found, default=0) < 0 or prod(found) > MOST:
        raise ValueError
    return found


def _axes(attributes: dict[str, Any], given: NodeValue | None) -> tuple[int, ...] | None:
    found = attributes.get("axes")
    if given is not None:
        found = given.reshape(-1).tolist()
    return None if found is None else tuple(found)


def _unsqueeze(attributes: dict[str, Any], x: NodeValue, axes: NodeValue | None = None) -> Any:
    return np.expand_dims(x, _axes(attributes, axes) or ())


def _squeeze(attributes: dict[str, Any], x: NodeValue, axes: NodeValue | None = None) -> Any:
    return np.squeeze(x, _axes(attributes, axes))


def _reshape(attributes: dict[str, Any], x: NodeValue, shape: NodeValue) -> Any:
    wanted = shape.reshape(-1).tolist()
    if not attributes.get("allowzero"):
        wanted = [n or x.shape[at] for at, n in enumerate(wanted)]
    return x.reshape(wanted)


def _slice(attributes: dict[str, Any], x: NodeValue, *given: NodeValue | None) -> Any:
    lists = [None if each is None else each.reshape(-1).tolist() for each in given]
    if not lists:
        lists = [attributes["starts"], attributes["ends"], attributes.get("axes")]
    starts, ends, axes, steps = (*lists, None, None)[:4]
    index = [slice(None)] * x.ndim
    for at, (start, end) in enumerate(zip(starts or (), ends or (), strict=True)):
        axis, step = axes[at] if axes else at, steps[at] if steps else 1
        # Before the first element, when it goes backwards.
        stop = None if step < 0 and end < -x.shape[axis] else end
        index[axis] = slice(start, stop, step)
    return x[tuple(index)]


def _split(attributes: dict[str, Any], x: NodeValue, split: NodeValue | None = None) -> Any:
    lengths = attributes.get("split") if split is None else split.tolist()
    if lengths is None:
        return None
    return np.split(x, np.cumsum(lengths)[:-1], attributes.get("axis", 0))


def _range(start: NodeValue, limit: NodeValue, delta: NodeValue) -> Any:
    count = np.ceil((limit - start) / delta)
    if not 0 <= count <= MOST:
        raise ValueError
    return start + np.arange(int(count), dtype=start.dtype) * delta


def _divided(x: NodeValue, y: NodeValue) -> Any:
    if x.dtype.kind == "f":
        return x / y
    # Towards zero, as in C.
    if not y.all():
        raise ValueError
    return (np.sign(x) * np.sign(y) * (np.abs(x) // np.abs(y))).astype(x.dtype)


def _cast(attributes: dict[str, Any], x: NodeValue) -> Any:
    if attributes["to"] not in _NUMBERS:
        raise ValueError
    return x.astype(helper.tensor_dtype_to_np_dtype(attributes["to"]))


def _expand(x: NodeValue, shape: NodeValue) -> Any:
    wanted = _bounded(shape)
    return np.broadcast_to(x, np.broadcast_shapes(x.shape, wanted)).copy()


def _tile(x: NodeValue, repeats: NodeValue) -> Any:
    if prod(_bounded(repeats)) * x.size > MOST:
        raise ValueError
    return np.tile(x, repeats)


def _reduced(function: Callable[..., Any]) -> Callable[..., Any]:
    def fold(attributes: dict[str, Any], x: NodeValue, axes: NodeValue | None = None) -> Any:
        over = _axes(attributes, axes) or None
        return function(x, axis=over, keepdims=bool(attributes.get("keepdims", 1))).astype(x.dtype)

    return fold


def _gathered(attributes: dict[str, Any], x: NodeValue, at: NodeValue) -> Any:
    axis = attributes.get("axis", 0)
    if x.size // max(x.shape[axis], 1) * at.size > MOST:
        raise ValueError
    return np.take(x, at, axis)


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """An operator without attributes."""
    return lambda _, *inputs: function(*inputs)


def _each(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same for every element."""

    def fold(*inputs: NodeValue) -> Any:
        if prod(np.broadcast_shapes(*(x.shape for x in inputs))) > MOST:
            raise ValueError
        return function(*inputs)

    return _plain(fold)


def _same_type(function: Callable[..., Any]) -> Callable[..., Any]:
    return _each(lambda x, *more: function(x, *more).astype(x.dtype))


_FOLDS: dict[str, Callable[..., Any]] = {
    "Constant": _constant,
    "ConstantOfShape": _filled,
    "Identity": _each(lambda x: x),
    "Add": _each(np.add),
    "Sub": _each(np.subtract),
    "Mul": _each(np.multiply),
    "Div": _plain(_divided),
    "Mod": _each(np.mod),
    "Pow": _same_type(np.power),
    "Neg": _each(np.negative),
    "Abs": _each(np.abs),
    "Sqrt": _same_type(np.sqrt),
    "Reciprocal": _same_type(lambda x: 1 / x),
    "Floor": _same_type(np.floor),
    "Ceil": _same_type(np.ceil),
    "Max": _each(lambda *inputs: reduce(np.maximum, inputs)),
    "Min": _each(lambda *inputs: reduce(np.minimum, inputs)),
    "Equal": _each(np.equal),
    "Greater": _each(np.greater),
    "GreaterOrEqual": _each(np.greater_equal),
    "Less": _each(np.less),
    "LessOrEqual": _each(np.less_equal),
    "And": _each(np.logical_and),
    "Or": _each(np.logical_or),
    "Not": _each(np.logical_not),
    "Where": _each(np.where),
    "Cast": _cast,
    "Concat": lambda attributes, *inputs: np.concatenate(inputs, attributes["axis"]),
    "Gather": _gathered,
    "Transpose": lambda attributes, x: np.transpose(x, attributes.get("perm")),
    "ReduceProd": _reduced(np.prod),
    "ReduceSum": _reduced(np.sum),
    "ReduceMax": _reduced(np.max),
    "ReduceMin": _reduced(np.min),
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Reshape": _reshape,
    "Slice": _slice,
    "Split": _split,
    "Range": _plain(_range),
    "Expand": _plain(_expand),
    "Tile": _plain(_tile),
}
