"""ptflops with its backend `pytorch`, which hooks modules and patches functions."""

from typing import Any

PACKAGES = ("ptflops", "torch")


def count(module: Any, sample: Any) -> int:
    """The complexity that it prints as MACs."""
    return complexity(module, sample, "pytorch")


def complexity(module: Any, sample: Any, backend: str) -> int:
    """What either backend counts."""
    from ptflops import get_model_complexity_info

    macs, _ = get_model_complexity_info(
        module,
        tuple(sample.shape[1:]),
        as_strings=False,
        print_per_layer_stat=False,
        backend=backend,
    )
    if macs is None:
        raise RuntimeError("ptflops gave up without saying why")
    return int(macs)
