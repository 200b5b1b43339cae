"""fvcore's FlopCountAnalysis, as it is installed."""

from typing import Any

PACKAGES = ("fvcore", "torch")


def count(module: Any, sample: Any) -> int:
    """The total that it prints as flops."""
    from fvcore.nn import FlopCountAnalysis

    analysis = FlopCountAnalysis(module, sample)
    return int(analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total())
