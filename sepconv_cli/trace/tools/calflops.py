"""calflops, which patches functions: its FLOPs."""

from typing import Any

PACKAGES = ("calflops", "torch", "transformers")


def count(module: Any, sample: Any) -> int:
    """What it prints as FLOPs."""
    return counts(module, sample)[0]


def counts(module: Any, sample: Any) -> tuple[int, int]:
    """Its FLOPs and its MACs."""
    import torch
    from calflops import calculate_flops

    # It asks the first parameter for its device, and fails where there is none.
    module.register_parameter("none", torch.nn.Parameter(torch.empty(0)))
    flops, macs, _ = calculate_flops(
        model=module, args=[sample], output_as_string=False, print_results=False
    )
    return int(flops), int(macs)
