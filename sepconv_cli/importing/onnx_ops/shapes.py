"""What moves elements and computes nothing."""

from itertools import pairwise
from typing import Any

import onnx

from sepconv_cli.importing.onnx_ops._node import NodeReading
from sepconv_cli.importing.reading import Unreadable

_FLOATS = frozenset(
    {
        onnx.TensorProto.FLOAT,
        onnx.TensorProto.FLOAT16,
        onnx.TensorProto.DOUBLE,
        onnx.TensorProto.BFLOAT16,
    }
)


def _same(r: NodeReading) -> int:
    return r.source(r["input"])


def _cast(r: NodeReading) -> int:
    if r["to"] not in _FLOATS:
        raise Unreadable("numbers that are cut")
    return _same(r)


def _reshape(r: NodeReading) -> int | list[int]:
    return r.as_torch("reshape", input=r["input"])


def _transpose(r: NodeReading) -> int | list[int]:
    order = r.ints("perm") or tuple(reversed(range(r.x.rank)))
    return r.as_torch("permute", input=r["input"], dims=list(order))


def _concat(r: NodeReading) -> int | list[int]:
    return r.as_torch("cat", tensors=r.inputs, dim=r["axis"])


def _split(r: NodeReading) -> int | list[int]:
    return r.as_torch("split", input=r["input"], dim=r.get("axis", 0))


def _slice(r: NodeReading) -> int:
    starts, ends = r.ints("starts") or (), r.ints("ends") or ()
    dims = r.ints("axes", range(len(starts))) or ()
    steps = r.ints("steps", (1,) * len(starts)) or ()
    at = r.source(r["input"])
    for dim, *cut in zip(dims, starts, ends, steps, strict=True):
        at = _cut(r, at, dim, slice(*cut))
    return at


def _cut(r: NodeReading, at: int, dim: int, cut: slice) -> int:
    axis = r.x.axis(dim)
    if axis is None:
        if cut.indices(2**62)[:2] in ((0, 2**62), (0, 1)):
            return at
        raise Unreadable("part of the batch")
    length = r.x.dims[axis]
    start, stop, step = cut.indices(length)
    if step < 1:
        raise Unreadable("backwards")
    if (start, stop, step) == (0, length, 1):
        return at
    return r.emit("slice", at, axis=axis, start=start, stop=stop, step=step)


def _gather(r: NodeReading) -> int:
    """One position, positions in a row, or the rows of a learned table."""
    if r.is_constant(r["input"]):
        return _embedding(r)
    dim, found = r.get("axis", 0), r.value("indices")
    axis = r.x.axis(dim)
    if axis is None:
        raise Unreadable("part of the batch")
    length = r.x.dims[axis]
    rows = [row % length for row in _flat(found)]
    if any(after != before + 1 for before, after in pairwise(rows)):
        raise Unreadable("elements in an order of their own")
    at = _cut(r, r.source(r["input"]), dim, slice(rows[0], rows[-1] + 1))
    if at < 0:
        return at if r.x.dims == r.y.dims else r.emit("reshape", at, shape=r.y.dims or (1,), y=r.y)
    return r.shaped(at)


def _flat(found: Any) -> list[int]:
    """The numbers of lists within lists."""
    return [row for each in found for row in _flat(each)] if isinstance(found, list) else [found]


def _embedding(r: NodeReading) -> int:
    """Vectors stand behind the positions in ONNX, and are channels here."""
    indices, table = r.layout(r["indices"]), r.weight("input")
    if (
        r.get("axis", 0)
        or len(table) != 2
        or len(indices.dims) != 1
        or not r.held(r["input"]).learned
    ):
        raise Unreadable("elements of a table")
    held = r.held_by("input")
    at = r.emit(
        "embedding", r["indices"], num_embeddings=table[0], embedding_dim=table[1], held=held
    )
    return r.emit("permute", at, axes=(1, 0), y=r.y)


_MODES = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}


def _pad(r: NodeReading) -> int | list[int]:
    """torch lists the last axis first."""
    pads = r.ints("pads") or ()
    count = len(pads) // 2
    dims = [dim % r.x.rank for dim in r.ints("axes", range(count)) or ()]
    sides = dict(zip(dims, zip(pads[:count], pads[count:], strict=True), strict=True))
    flat = [side for dim in reversed(range(r.x.rank)) for side in sides.get(dim, (0, 0))]
    mode = _MODES[r.get("mode", "constant")]
    return r.as_torch("pad", input=r["input"], pad=flat, mode=mode, value=r.number("value") or 0)


def _expand(r: NodeReading) -> int | list[int]:
    return r.as_torch("expand", input=r["input"])


def _tile(r: NodeReading) -> int | list[int]:
    pairs = zip(r.x.dims, r.y.dims, strict=True)
    if any(after not in (before, before if before > 1 else after) for before, after in pairs):
        raise Unreadable("repeated elements")
    return _expand(r)


_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


def _resize(r: NodeReading) -> int | list[int]:
    if r.x.axis(1) != 0 or r.x.dims[0] != r.y.dims[0] or r.get("antialias", 0):
        raise Unreadable("no resizing as torch does it")
    mode = r.get("mode", "nearest")
    # The operators Upsample and Resize of version 10 know no other than `asymmetric`.
    old = r.version < 11
    where = "asymmetric" if old else r.get("coordinate_transformation_mode", "half_pixel")
    if mode == "nearest":
        if not _is_nearest(
            r, where, "floor" if old else r.get("nearest_mode", "round_prefer_floor")
        ):
            raise Unreadable("another nearest element")
        return r.as_torch("interpolate", input=r["input"], mode="nearest")
    if where not in ("align_corners", "half_pixel", "pytorch_half_pixel"):
        raise Unreadable(f"positions {where}")
    torchs = "bicubic" if mode == "cubic" else _LINEAR[len(r.x.dims) - 1]
    corners = where == "align_corners"
    return r.as_torch("interpolate", input=r["input"], mode=torchs, align_corners=corners)


def _is_nearest(r: NodeReading, where: str, rounded: str) -> bool:
    """Whether each element is the one that torch copies; all agree on whole factors."""
    if where == "asymmetric" and rounded == "floor":
        return True
    whole = all(not after % before for before, after in zip(r.x.dims, r.y.dims, strict=True))
    return whole and (where, rounded) in {
        ("half_pixel", "round_prefer_floor"),
        ("half_pixel", "round_prefer_ceil"),
        ("pytorch_half_pixel", "round_prefer_floor"),
    }


def _depth_to_space(r: NodeReading) -> int | list[int]:
    """Channels into positions: as pixel_shuffle does, or those of one position together."""
    block = r["blocksize"]
    if r.get("mode", "DCR") == "CRD":
        return r.as_torch("pixel_shuffle", input=r["input"], upscale_factor=block)
    channels, height, width = r.x.dims
    kept = channels // block**2
    return _moved(r, (block, block, kept, height, width), (2, 3, 0, 4, 1))


def _space_to_depth(r: NodeReading) -> int:
    block = r["blocksize"]
    channels, height, width = r.x.dims
    return _moved(r, (channels, height // block, block, width // block, block), (2, 4, 0, 1, 3))


def _moved(r: NodeReading, shape: tuple[int, ...], axes: tuple[int, ...]) -> int:
    at = r.emit("reshape", r["input"], shape=shape)
    at = r.emit("permute", at, axes=axes)
    return r.emit("reshape", at, shape=r.y.dims, y=r.y)


def _fold(r: NodeReading) -> int | list[int]:
    pads = r.ints("pads", (0, 0, 0, 0)) or ()
    if pads[:2] != pads[2:]:
        raise Unreadable("padding that differs")
    return r.as_torch(
        "fold",
        input=r["input"],
        output_size=r.ints("image_shape"),
        kernel_size=r.ints("block_shape"),
        dilation=r.ints("dilations", (1, 1)),
        padding=pads[:2],
        stride=r.ints("strides", (1, 1)),
    )


_X = ("input",)
_SAME = ("Identity", "Dropout", "CastLike")

SHAPE_NODES: dict[str, tuple[tuple[str, ...], Any]] = {
    **dict.fromkeys(_SAME, (_X, _same)),
    **dict.fromkeys(("Reshape", "Flatten", "Squeeze", "Unsqueeze"), (_X, _reshape)),
    "Cast": (_X, _cast),
    "Transpose": (_X, _transpose),
    "Concat": ((), _concat),
    "Split": (_X, _split),
    "Slice": (("input", "starts", "ends", "axes", "steps"), _slice),
    "Gather": (("input", "indices"), _gather),
    "Pad": (("input", "pads", "value", "axes"), _pad),
    "Expand": (_X, _expand),
    "Tile": (_X, _tile),
    "Resize": (_X, _resize),
    "Upsample": (_X, _resize),
    "DepthToSpace": (_X, _depth_to_space),
    "SpaceToDepth": (_X, _space_to_depth),
    "Col2Im": (("input", "image_shape", "block_shape"), _fold),
}
