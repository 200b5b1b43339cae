"""What moves elements and computes nothing."""

from collections.abc import Callable
from math import inf
from typing import Any

from sepconv_cli.importing.reading import Readers, Reading, Unreadable


def _same(r: Reading) -> int:
    return r.source(r["input"])


def _reshape(r: Reading) -> int:
    if r.x.dims == r.y.dims:
        return _same(r)
    if len(r.x.dims) > 1 and len(r.y.dims) == 1:
        return r.emit("flatten", r["input"], y=r.y)
    return r.emit("reshape", r["input"], shape=r.y.dims, y=r.y)


def _permuted(r: Reading, dims: list[int]) -> int:
    """The axes in another order, which may move the batch alone."""
    axes = tuple(axis for axis in map(r.x.axis, dims) if axis is not None)
    if axes == tuple(range(len(axes))):
        return _same(r)
    return r.emit("permute", r["input"], axes=axes, y=r.y)


def _permute(r: Reading) -> int:
    dims = r.call.arguments[1:]
    dims = tuple(r["dims"]) if isinstance(r["dims"], (list, tuple)) else dims
    return _permuted(r, list(dims))


def _transpose(r: Reading) -> int:
    dims = list(range(r.x.rank))
    a, b = r["dim0"] % r.x.rank, r["dim1"] % r.x.rank
    dims[a], dims[b] = dims[b], dims[a]
    return _permuted(r, dims)


def _cat(r: Reading) -> int:
    axis = r.y.axis(r.get("dim", 0))
    given = [each for each in r["tensors"] if 0 not in each.shape]
    if len(given) == 1:
        return r.source(given[0])
    if r.y.batch is None and all(r.layout(each).batch == axis for each in given):
        # Batches behind each other, as of two images, are an axis of the sample.
        return r.emit("stack", *given, axis=_known(axis), y=r.y)
    return r.emit("concat", *given, axis=_known(axis), y=r.y)


def _stack(r: Reading) -> int:
    dim = r.get("dim", 0) % r.y.rank
    return r.emit("stack", *r["tensors"], axis=_known(r.y.axis(dim)), y=r.y)


def _known(axis: int | None) -> int:
    if axis is None:
        raise Unreadable("along the batch")
    return axis


def _sliced(r: Reading, axis: int, start: int, stop: int, step: int = 1) -> int:
    return r.emit("slice", r["input"], axis=axis, start=start, stop=stop, step=step)


def _split(r: Reading) -> list[int]:
    """Slices as long as what came out, one after the other."""
    axis = _known(r.x.axis(r.get("dim", 0)))
    if r.x.batch is None and all(r.layout(ref).batch == axis for ref in r.call.outputs):
        return _unbind(r)
    found, start = [], 0
    for ref in r.call.outputs:
        stop = start + r.layout(ref).dims[axis]
        found.append(_sliced(r, axis, start, stop))
        start = stop
    return found


def _unbind(r: Reading) -> list[int]:
    axis = r.x.axis(r.get("dim", 0))
    if axis is None and len(r.call.outputs) == 1:
        # The samples one by one, of which there is one.
        return [_same(r)]
    axis = _known(axis)
    return [
        r.emit("reshape", _sliced(r, axis, at, at + 1), shape=r.layout(ref).dims)
        for at, ref in enumerate(r.call.outputs)
    ]


def _select(r: Reading) -> int:
    axis = _known(r.x.axis(r["dim"]))
    at = r["index"] % r.x.dims[axis]
    return r.emit("reshape", _sliced(r, axis, at, at + 1), shape=r.y.dims, y=r.y)


def _narrow(r: Reading) -> int:
    axis = _known(r.x.axis(r["dim"]))
    return _sliced(r, axis, r["start"], r["start"] + r["length"])


def _getitem(r: Reading) -> int:
    """Slices, single positions, new axes and `...`, one after the other."""
    index = r["index"] if isinstance(r["index"], tuple) else (r["index"],)
    if not all(isinstance(each, (int, slice, type(None), type(...))) for each in index):
        raise Unreadable("an index that is a tensor")
    at, dim = r.source(r["input"]), 0
    plain = [each for each in index if each is not None and each is not ...]
    for each in index:
        if each is ...:
            dim += r.x.rank - len(plain)
        elif each is not None:
            at = _cut(r, at, r.x.axis(dim), each)
            dim += 1
    if r.state.shape(at) == r.y.tensor:
        return at
    return r.emit("reshape", at, shape=r.y.dims, y=r.y)


def _cut(r: Reading, at: int, axis: int | None, index: Any) -> int:
    if axis is None:
        if index in (0, slice(None), slice(0, 1)):
            return at
        raise Unreadable("part of the batch")
    length = r.x.dims[axis]
    if isinstance(index, int):
        start, stop, step = index % length, index % length + 1, 1
    else:
        start, stop, step = index.indices(length)
    if (start, stop, step) == (0, length, 1):
        return at
    return r.emit("slice", at, axis=axis, start=start, stop=stop, step=step)


def _expand(r: Reading) -> int:
    if r.x.dims == r.y.dims:
        return _same(r)
    at = r.source(r["input"])
    if len(r.x.dims) < len(r.y.dims):
        lead = (1,) * (len(r.y.dims) - len(r.x.dims))
        at = r.emit("reshape", at, shape=(*lead, *r.x.dims))
    return r.emit("expand", at, shape=r.y.dims, y=r.y)


def _repeat(r: Reading) -> int:
    """A whole tensor several times along its axes, or along the batch."""
    given = r.call.arguments[1:]
    times = list(given[0] if given and isinstance(given[0], (list, tuple)) else given)
    at, dims = r.source(r["input"]), list(r.x.dims)
    lead = len(times) - r.x.rank
    if lead:
        raise Unreadable("axes that are new")
    for dim, count in enumerate(times):
        axis = r.x.axis(dim)
        if count == 1:
            continue
        if axis is None:
            raise Unreadable("along the batch")
        at = _along(r, at, dims, axis, count, each=False)
    return at


def _repeat_interleave(r: Reading) -> int:
    """Each position several times; each sample too, where its parts stand in the batch."""
    count = r["repeats"]
    if not isinstance(count, int) or r["dim"] is None:
        raise Unreadable("repeats that are a tensor")
    axis = r.x.axis(r["dim"])
    at, dims = r.source(r["input"]), list(r.x.dims)
    if count == 1:
        return at
    if axis is None and r["dim"] % r.x.rank == 0 and r.y.dims[1:] == r.x.dims:
        at = r.emit("reshape", at, shape=(1, *dims))
        return r.emit("expand", at, shape=r.y.dims, y=r.y)
    return _along(r, at, dims, _known(axis), count, each=True)


def _along(r: Reading, at: int, dims: list[int], axis: int, count: int, each: bool) -> int:
    """Several times along an axis, whose length in `dims` grows."""
    behind = axis + 1 if each else axis
    wide = [*dims[:behind], count, *dims[behind:]]
    narrow = [*dims[:behind], 1, *dims[behind:]]
    dims[axis] *= count
    at = r.emit("reshape", at, shape=tuple(narrow))
    at = r.emit("expand", at, shape=tuple(wide))
    return r.emit("reshape", at, shape=tuple(dims))


def _roll(r: Reading) -> int:
    dims, shifts = _several(r["dims"]), _several(r["shifts"])
    axes = tuple(_known(r.x.axis(dim)) for dim in dims)
    return r.emit("roll", r["input"], shifts=shifts, axes=axes, y=r.y)


def _several(value: Any) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) else tuple(value)


def _pad(r: Reading) -> int:
    given = tuple(r["pad"])
    pairs = list(zip(given[::2], given[1::2], strict=True))
    axes = [(0, 0)] * len(r.x.dims)
    for back, pair in enumerate(pairs, start=1):
        axis = r.x.axis(-back)
        if axis is None and pair != (0, 0):
            raise Unreadable("padding of the batch")
        if axis is not None:
            axes[axis] = pair
    if not any(map(any, axes)):
        return _same(r)
    mode = r.get("mode", "constant")
    adds = all(side >= 0 for pair in axes for side in pair)
    plain = mode == "constant" and not r.get("value", 0)
    if adds and plain and axes[0] == (0, 0) and len(axes) > 1:
        return r.emit("zero_pad", r["input"], padding=tuple(axes[1:]), y=r.y)
    value = float(r.get("value", 0))
    if mode == "constant" and value == -inf:
        return r.emit("pad", r["input"], padding=tuple(axes), mode="lowest", y=r.y)
    word = "zeros" if mode == "constant" else mode
    return r.emit("pad", r["input"], padding=tuple(axes), mode=word, value=value, y=r.y)


def _interpolate(r: Reading) -> int:
    """Where something is folded into the batch, on as many more channels."""
    if r.x.batch is not None:
        return _resized(r)
    lead, channels, *size = r.x.dims
    first = r.emit("reshape", r["input"], shape=(lead * channels, *size))
    at = _resized(r.on(first, (lead * channels, *r.y.dims[2:])))
    return r.emit("reshape", at, shape=r.y.dims, y=r.y)


def _resized(r: Reading) -> int:
    mode = r.get("mode", "nearest")
    size = r.y.dims[1:]
    factors = [new / old for new, old in zip(size, r.x.dims[1:], strict=True)]
    whole = all(factor == int(factor) for factor in factors)
    if mode in ("nearest", "bilinear") and whole and not r["align_corners"]:
        scale = tuple(int(factor) for factor in factors)
        return r.emit("upsample", r["input"], scale_factor=scale, mode=mode, y=r.y)
    align = bool(r["align_corners"])
    return r.emit("interpolate", r["input"], size=size, mode=mode, align_corners=align, y=r.y)


def _grid_sample(r: Reading) -> int:
    if not r.is_constant(r["grid"]) and r.layout(r["grid"]).batch != r.x.batch:
        raise Unreadable("places of other samples")
    return r.emit(
        "grid_sample",
        r["input"],
        r["grid"],
        mode=r.get("mode", "bilinear"),
        padding_mode=r.get("padding_mode", "zeros"),
        align_corners=bool(r["align_corners"]),
        y=r.y,
    )


def _pixel_shuffle(r: Reading) -> int:
    return r.emit("pixel_shuffle", r["input"], upscale_factor=r["upscale_factor"], y=r.y)


def _window(op: str, *fields: str) -> Callable[[Reading], int]:
    def read(r: Reading) -> int:
        given: dict[str, Any] = {name: _pair(r[name]) for name in fields if r[name] is not None}
        return r.emit(op, r["input"], **given, y=r.y)

    return read


_IM2COL = _window("unfold", "kernel_size", "dilation", "padding", "stride")


def _unfold(r: Reading) -> int:
    """Tensor.unfold cuts windows along one axis; the function of that name columns of images."""
    keywords = {"dimension", "size", "step"} & {*r.given}
    if len(r.call.arguments) != 4 and not keywords:
        return _IM2COL(r)
    given = dict(zip(("dimension", "size", "step"), r.call.arguments[1:], strict=False))
    given |= {name: r[name] for name in keywords}
    axis = _known(r.x.axis(given["dimension"]))
    return r.emit("windows", r["input"], axis=axis, length=given["size"], step=given["step"], y=r.y)


def _pair(value: Any) -> tuple[int, ...]:
    return (value, value) if isinstance(value, int) else tuple(value)


_WINDOW = ("kernel_size", "dilation", "padding", "stride")
_SAME = (
    *("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_dropout"),
    *("contiguous", "clone", "detach", "to", "type", "type_as", "float", "half", "cuda", "cpu"),
)
_RESHAPE = (
    *("reshape", "view", "reshape_as", "view_as"),
    *("flatten", "unflatten", "squeeze", "unsqueeze", "ravel"),
)

SHAPE_READERS: Readers = {
    **dict.fromkeys(_SAME, (("input",), _same)),
    **dict.fromkeys(_RESHAPE, (("input",), _reshape)),
    "permute": (("input", "dims"), _permute),
    "transpose": (("input", "dim0", "dim1"), _transpose),
    "swapaxes": (("input", "dim0", "dim1"), _transpose),
    "cat": (("tensors", "dim"), _cat),
    "concat": (("tensors", "dim"), _cat),
    "stack": (("tensors", "dim"), _stack),
    "split": (("input", "size", "dim"), _split),
    "chunk": (("input", "chunks", "dim"), _split),
    "tensor_split": (("input", "indices", "dim"), _split),
    "split_with_sizes": (("input", "sizes", "dim"), _split),
    "unbind": (("input", "dim"), _unbind),
    "select": (("input", "dim", "index"), _select),
    "narrow": (("input", "dim", "start", "length"), _narrow),
    "__getitem__": (("input", "index"), _getitem),
    "expand": (("input",), _expand),
    "expand_as": (("input",), _expand),
    "repeat": (("input",), _repeat),
    "repeat_interleave": (("input", "repeats", "dim"), _repeat_interleave),
    "roll": (("input", "shifts", "dims"), _roll),
    "pad": (("input", "pad", "mode", "value"), _pad),
    "interpolate": (
        ("input", "size", "scale_factor", "mode", "align_corners"),
        _interpolate,
    ),
    "grid_sample": (
        ("input", "grid", "mode", "padding_mode", "align_corners"),
        _grid_sample,
    ),
    "pixel_shuffle": (("input", "upscale_factor"), _pixel_shuffle),
    "unfold": (("input", *_WINDOW), _unfold),
    "fold": (("input", "output_size", *_WINDOW), _window("fold", "output_size", *_WINDOW)),
}
