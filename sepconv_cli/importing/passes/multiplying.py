"""What torch's own counter says that a call multiplies: a count that shares nothing with ours."""

from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry


class Multiplications(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While this lasts, `count` grows by the multiplications of every operator that runs.

    By the formulas of torch.utils.flop_counter, half of whose FLOPs are multiplications. It knows
    convolutions, products of matrices and some attention kernels, and counts nothing else.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        found = func(*args, **(kwargs or {}))
        formula = flop_registry.get(func._overloadpacket)
        if formula is not None:
            self.count += formula(*args, **(kwargs or {}), out_val=found) // 2
        return found
