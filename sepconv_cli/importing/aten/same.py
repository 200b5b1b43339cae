"""Operators that are one of torch's functions under another name."""

from math import isclose
from typing import Any

from sepconv_cli.importing.aten._call import as_torch, like
from sepconv_cli.importing.reading import Reader, Reading, Unreadable
from sepconv_cli.importing.tape import Ref, Weight

_ALL = 2**63 - 1
# Alpha and scale of https://arxiv.org/abs/1706.02515, section "SELUs".
_SELU = (1.6732632423543772, 1.0507009873554805)


def _slice(r: Reading) -> int | list[int]:
    """Part of one axis, or all of it."""
    dim = r.get("dim", 0) % r.x.rank
    plain = not r["start"] and r.get("step", 1) == 1
    if plain and r.get("end", _ALL) >= r["input"].shape[dim]:
        return r.source(r["input"])
    part = slice(r["start"], r["end"], r.get("step", 1))
    return as_torch(r, "__getitem__", input=r["input"], index=(slice(None),) * dim + (part,))


def _elu(r: Reading) -> int | list[int]:
    """ELU, and SELU, which is ELU with two constants; other scales have no name."""
    alpha, scale = r.get("alpha", 1.0), r.get("scale", 1.0)
    if isclose(alpha, _SELU[0]) and isclose(scale, _SELU[1]):
        return as_torch(r, "selu", input=r["input"])
    if (scale, r.get("input_scale", 1)) != (1, 1):
        raise Unreadable("a scale of its own")
    return as_torch(r, "elu", input=r["input"], alpha=alpha)


def _clamp(r: Reading) -> int | list[int]:
    if any(isinstance(r[name], (Ref, Weight)) for name in ("min", "max")):
        raise Unreadable("a limit for each element")
    return as_torch(r, "clamp", **r.given)


def _turned(r: Reading) -> int | list[int]:
    return as_torch(r, "transpose", input=r["input"], dim0=0, dim1=r.x.rank - 1)


def _reduced(function: str) -> Reader:
    """No axes are all axes."""
    return lambda r: as_torch(r, function, **{**r.given, "dim": r["dim"] or None})


def _padded(mode: str) -> Reader:
    return lambda r: as_torch(r, "pad", input=r["input"], pad=r["padding"], mode=mode)


def _resized(mode: str) -> Reader:
    return lambda r: as_torch(
        r, "interpolate", input=r["input"], mode=mode, align_corners=r["align_corners"]
    )


_MODES: dict[str, Any] = {
    **{f"upsample_nearest{n}d": "nearest" for n in (1, 2, 3)},
    "upsample_linear1d": "linear",
    "upsample_bilinear2d": "bilinear",
    "upsample_bicubic2d": "bicubic",
    "upsample_trilinear3d": "trilinear",
}

SAME_READERS: dict[str, Reader] = {
    "slice": _slice,
    "t": _turned,
    "rsub": like("rsub", input="other", other="input"),
    "elu": _elu,
    **dict.fromkeys(("clamp", "clamp_min", "clamp_max"), _clamp),
    "log_sigmoid": like("logsigmoid"),
    "einsum": like("einsum", tensors="operands"),
    "im2col": like("unfold"),
    "col2im": like("fold"),
    **{function: _reduced(function) for function in ("mean", "sum", "amax", "amin")},
    **{f"reflection_pad{n}d": _padded("reflect") for n in (1, 2, 3)},
    **{f"replication_pad{n}d": _padded("replicate") for n in (1, 2, 3)},
    **{name: _resized(mode) for name, mode in _MODES.items()},
}
