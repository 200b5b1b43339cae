"""The profiler in the reference implementation of blueprint convolutions."""

from typing import Any

PACKAGES = ("bsconv", "torch")


def count(module: Any, sample: Any) -> int:
    """What it prints as FLOPs. It makes an input of its own."""
    from bsconv.pytorch.profile import ModelProfiler

    return int(ModelProfiler(module, input_size=tuple(sample.shape)).total_flop_count)
