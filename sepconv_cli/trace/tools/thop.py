"""thop's profile, which hooks modules."""

from typing import Any

PACKAGES = ("thop", "torch")


def count(module: Any, sample: Any) -> int:
    """The first of the two numbers that it returns."""
    from thop import profile

    macs, _ = profile(module, inputs=(sample,), verbose=False)
    return int(macs)
