"""Values for a model's parameters that show a difference: its own, or random ones.

A parameter that is one number everywhere (a scale of 0 or 1, as modules are made) would hide what
stands behind it, and gets random values in any case.
"""

import copy
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_map


class Unprovable(Exception):
    """A proof that can't be led on this model, and why."""


def runnable(module: nn.Module) -> nn.Module:
    """A copy of a module in evaluation mode, on the processor, in 4-byte numbers.

    Raises Unprovable where it can't be copied, or has no values that could stand for its own.
    """
    try:
        found = copy.deepcopy(module)
    except Exception as error:
        raise Unprovable(f"{type(module).__name__} can't be copied") from error
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        made: dict[int, torch.Tensor] = {}
        for kept, name, tensor in _own(found):
            if id(tensor) not in made:
                made[id(tensor)] = _valued(name, tensor)
            kept[name] = made[id(tensor)]
    return found.eval().requires_grad_(False)


def random_inputs(inputs: Any) -> Any:
    """The same inputs with random numbers in their tensors; indices stay as they are."""
    generator = torch.Generator().manual_seed(1)

    def drawn(leaf: Any) -> Any:
        if not isinstance(leaf, torch.Tensor):
            return leaf
        if leaf.is_floating_point():
            return torch.randn(leaf.shape, generator=generator)
        if leaf.is_meta:
            return torch.zeros(leaf.shape, dtype=leaf.dtype)
        return leaf.cpu()

    return tree_map(drawn, inputs)


def _own(module: nn.Module) -> Iterator[tuple[dict[str, Any], str, torch.Tensor]]:
    """The parameters and buffers of all modules, each with the table that it stands in."""
    for each in module.modules():
        for table in (each._parameters, each._buffers):
            yield from (
                (table, name, tensor) for name, tensor in table.items() if tensor is not None
            )


def _valued(name: str, tensor: torch.Tensor) -> torch.Tensor:
    """Its own value, or a random one."""
    learned = isinstance(tensor, nn.Parameter)
    drawn = learned or name in ("running_mean", "running_var")
    if tensor.is_meta:
        if not drawn and name != "num_batches_tracked":
            raise Unprovable(f"the buffer {name} is on meta and has no values; build it on the cpu")
        value = _random(name, tensor)
    else:
        value = tensor.detach().cpu()
        value = value.float() if value.is_floating_point() else value
        if drawn and value.is_floating_point() and _is_flat(value):
            value = _random(name, value)
    return nn.Parameter(value, requires_grad=False) if learned else value


def _is_flat(value: torch.Tensor) -> bool:
    return value.numel() > 0 and bool((value == value.flatten()[0]).all())


def _random(name: str, tensor: torch.Tensor) -> torch.Tensor:
    """Matrices that keep the size of what they multiply; factors about 1, summands about 0."""
    shape = tensor.shape
    if not tensor.is_floating_point():
        return torch.zeros(shape, dtype=tensor.dtype)
    if tensor.dim() > 1:
        scale: float = (2 / max(shape[1:].numel(), 1)) ** 0.5
        return torch.randn(shape) * scale
    around = 0.0 if name.endswith(("bias", "beta", "mean")) else 1.0
    return torch.rand(shape) - 0.5 + around
