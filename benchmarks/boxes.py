"""torchvision's own operators where its library doesn't load: what its detectors need to run."""

import importlib
import sys
from typing import Any

import torch

KEPT: list[Any] = []
"""A library's operators last as long as it does."""


def define_operators() -> None:
    """Define torchvision's two operators where its own library doesn't load beside this torch."""
    try:
        importlib.import_module("torchvision")
        return
    except ImportError:
        return
    except RuntimeError:
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
    library: Any = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.impl("nms", kept_boxes, "CPU")
    KEPT.append(library)
    _align_in_torch()


def kept_boxes(boxes: torch.Tensor, scores: torch.Tensor, threshold: float) -> torch.Tensor:
    """The indices of the boxes that no better one covers by more than the threshold."""
    order = scores.argsort(descending=True)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    while order.numel():
        best, rest = order[0], order[1:]
        kept.append(best)
        corner = torch.maximum(boxes[best, :2], boxes[rest, :2])
        sides = (torch.minimum(boxes[best, 2:], boxes[rest, 2:]) - corner).clamp(min=0)
        both = sides.prod(1)
        order = rest[both / (area[best] + area[rest] - both) <= threshold]
    return torch.stack(kept) if kept else torch.zeros(0, dtype=torch.long)


def _align_in_torch() -> None:
    """Let torchvision pool regions by its own way in Python, as it does where it is compiled."""
    importlib.import_module("torchvision")
    for name in ("extension", "ops.boxes", "ops.roi_align"):
        importlib.import_module(f"torchvision.{name}")
    modules: Any = sys.modules
    modules["torchvision.extension"]._has_ops = lambda: True
    modules["torchvision.ops.boxes"]._assert_has_ops = lambda: None
    align = modules["torchvision.ops.roi_align"]
    align._has_ops = lambda: False
    align.is_compile_supported = lambda device: True
    align._roi_align = getattr(align._roi_align, "__wrapped__", align._roi_align)
