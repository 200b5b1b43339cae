"""A module as it can be run and seen through."""

from copy import deepcopy
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_map_only

from sepconv_cli.errors import UsageError


def plain_module(module: Any) -> nn.Module:
    """The module as it was written: out of what compiles it or spreads it over devices.

    Raises UsageError where it is none, or where its calls can't be seen.
    """
    if isinstance(module, type) and issubclass(module, nn.Module):
        raise UsageError(f"{module.__name__} is a class", hint="give a module: an instance of it")
    if not isinstance(module, nn.Module):
        raise UsageError(f"{type(module).__name__} is no torch.nn.Module")
    inner = _wrapped(module)
    if inner is not None:
        return plain_module(inner)
    plain: nn.Module = module
    for name, each in plain.named_modules():
        if isinstance(each, torch.jit.ScriptModule):
            what = f"{name} of {type(plain).__name__}" if name else type(plain).__name__
            raise UsageError(
                f"{what} is a script, whose calls can't be seen",
                hint="import the module before torch.jit.script or torch.jit.trace",
            )
    return plain


def _wrapped(module: nn.Module) -> nn.Module | None:
    """What torch.compile or a parallel module stands around."""
    if isinstance(module, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
        inner: Any = module.module
    else:
        inner = getattr(module, "_orig_mod", None)
    return inner if isinstance(inner, nn.Module) else None


def on_device(module: nn.Module, device: str | None) -> nn.Module:
    """The module on a device, as a copy where it isn't there yet.

    Parameters that have no values, those on the meta device, get small random ones.
    """
    if device is None:
        return module
    try:
        to = torch.device(device)
    except RuntimeError as error:
        raise UsageError(f"{device} is no device of torch") from error
    tensors = [*module.parameters(), *module.buffers()]
    if all(tensor.device.type == to.type for tensor in tensors):
        return module
    copied = deepcopy(module)
    moved: dict[int, torch.Tensor] = {}
    for each in copied.modules():
        tables: tuple[dict[str, Any], ...] = (each._parameters, each._buffers)
        for table in tables:
            for name, tensor in table.items():
                if tensor is not None:
                    # A tensor that several modules share stays one.
                    table[name] = moved.setdefault(id(tensor), _moved(tensor, to))
        _reset_statistics(each)
        for name, value in vars(each).items():
            if not name.startswith("_"):
                setattr(each, name, tree_map_only(torch.Tensor, lambda x: _moved(x, to), value))
    return copied


def _moved(tensor: torch.Tensor, to: torch.device) -> Any:
    """The same on a device; where there are no values, small random ones, or zeros in a buffer."""
    if tensor.is_meta and to.type != "meta":
        values = torch.zeros_like(tensor, device=to)
        if isinstance(tensor, nn.Parameter) and tensor.is_floating_point():
            values.normal_(std=0.02)
    else:
        values = tensor.detach().to(to)
    if isinstance(tensor, nn.Parameter):
        return nn.Parameter(values, requires_grad=tensor.requires_grad)
    return values


def _reset_statistics(module: nn.Module) -> None:
    """Zeros are no variances."""
    variances = module._buffers.get("running_var")
    if variances is not None and not variances.is_meta and not variances.any():
        variances.fill_(1)
