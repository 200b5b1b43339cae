"""More or fewer positions: Resize, with torch's coordinates."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from sepconv_cli.export.onnx_graph import NodeWriting
from sepconv_cli.export.onnx_nodes.pools import fitted_pool

_MODES: Mapping[str, Mapping[str, str | float]] = {
    "nearest": {
        "mode": "nearest",
        "coordinate_transformation_mode": "asymmetric",
        "nearest_mode": "floor",
    },
    "nearest-exact": {
        "mode": "nearest",
        "coordinate_transformation_mode": "half_pixel",
        "nearest_mode": "round_prefer_ceil",
    },
    "linear": {"mode": "linear"},
    "bilinear": {"mode": "linear"},
    "trilinear": {"mode": "linear"},
    "bicubic": {"mode": "cubic", "cubic_coeff_a": -0.75},
}


def _upsample(w: NodeWriting) -> str:
    return _resized(w, w.op.mode, [Fraction(factor) for factor in w.op.scale_factor])


def _interpolate(w: NodeWriting) -> str:
    if w.op.mode == "area":
        return fitted_pool(w, w.x, w.node.y.size, "Average")
    return _resized(w, w.op.mode, w.op.scale_factor, w.op.align_corners)


def _resized(
    w: NodeWriting, mode: str, factors: Sequence[Fraction] | None, corners: bool = False
) -> str:
    """By factors where there are some, from which torch takes its coordinates, or to a size."""
    where = "align_corners" if corners else "half_pixel"
    given = {"coordinate_transformation_mode": where, **_MODES[mode]}
    if factors is None:
        target = (w.x, "", "", (1, *w.node.y.axes) if w.graph.batch == 1 else w.node.y.size)
        axes = {} if w.graph.batch == 1 else {"axes": range(2, 2 + len(w.shape.size))}
        return w.add("Resize", *target, **given, **axes)
    scales = np.array([1, 1, *map(float, factors)], np.float32)
    return w.add("Resize", w.x, "", scales, **given)


RESIZING_WRITERS = {"upsample": _upsample, "interpolate": _interpolate}
