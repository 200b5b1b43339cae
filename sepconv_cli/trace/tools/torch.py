"""torch's own FlopCounterMode, which sees the operators that torch dispatches."""

from typing import Any

PACKAGES = ("torch",)


def count(module: Any, sample: Any) -> int:
    """What it prints as total FLOPs."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        module(sample)
    return int(counter.get_total_flops())
