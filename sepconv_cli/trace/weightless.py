"""Modules whose weights take no memory, as tracing never reads or writes them.

A tensor on torch's device `meta` has no memory either, but fvcore fails on it, and
one that is expanded from a single number is copied whole by a convolution.
"""

import mmap
import warnings
from math import prod
from typing import Any

import torch
from torch.overrides import TorchFunctionMode


class Weightless(TorchFunctionMode):
    """While this is on, new weights are zeros that can't be written, and are left as they are.

    They all stand in one place, as large as the largest: memory that is read-only is never
    taken, and counts for nothing with a system that refuses to promise more than it has.
    """

    def __init__(self) -> None:
        super().__init__()
        self.zeros = torch.empty(0)

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """torch.empty is what weights are made by, and a name that ends so fills one in place."""
        named = kwargs or {}
        if function is torch.empty:
            return self._weights(*args)
        if function.__name__.endswith("_") and not function.__name__.endswith("__"):
            return (*args, *named.values())[0]
        return function(*args, **named)

    def _weights(self, *size: Any) -> torch.Tensor:
        shape = size if isinstance(size[0], int) else tuple(size[0])
        if prod(shape) > self.zeros.numel():
            self.zeros = _unwritable(prod(shape))
        return self.zeros[: prod(shape)].view(shape)


def _unwritable(count: int) -> torch.Tensor:
    """So many zeros in memory that is reserved and never taken."""
    if not hasattr(mmap, "PROT_READ"):
        return torch.empty(count)  # Windows, which takes no memory before it is written to
    zeros = mmap.mmap(
        -1, 4 * count, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given buffer is not writable")
        return torch.frombuffer(zeros, dtype=torch.float32)
