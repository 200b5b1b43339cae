"""ptflops with its backend `aten`, which sees the operators that torch dispatches."""

from typing import Any

from sepconv_cli.trace.tools.ptflops import complexity

PACKAGES = ("ptflops", "torch")


def count(module: Any, sample: Any) -> int:
    """The complexity that it prints as MACs."""
    return complexity(module, sample, "aten")
