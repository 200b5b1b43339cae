"""A torch module, built where its weights take no memory."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn


def built(make: Callable[[], Any], device: str) -> Any:
    """What a function makes, whose tensors are on this device where it doesn't say another.

    Where that needs values, as a class does that works out its widths by torch, a model that was to
    be on the meta device is on the CPU.
    """
    try:
        with torch.device(device):
            return make()
    except (NotImplementedError, RuntimeError):
        if device != "meta":
            raise
        with torch.device("cpu"):
            return make()


def example_input(shape: tuple[int, ...], whole: bool) -> Any:
    """What one sample of an input can be run as: its shape, or a tensor of whole numbers."""
    return torch.zeros(1, *shape, dtype=torch.int64) if whole else shape


def is_module(found: Any) -> bool:
    """Whether it is a torch module, and not the class of one."""
    return isinstance(found, nn.Module)
