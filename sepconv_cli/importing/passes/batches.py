"""The two passes of an import: of one sample and of two, from which the batch's axis is seen."""

from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_leaves

from sepconv_cli.errors import UsageError, first_line
from sepconv_cli.importing.passes.examples import one_and_two_samples, required_inputs
from sepconv_cli.importing.passes.record import PassFailed, record_calls
from sepconv_cli.importing.tape import Tape

# How torch says that values are needed where there are none.
# What an embedding says of other numbers.
_INDICES = "scalar types: Long, Int"
_NO_VALUES = ("meta", "data-dependent", "data-independent", "_local_scalar_dense")


def record_batches(model: nn.Module, example: Any) -> tuple[Tape, Tape]:
    """The pass of one sample and that of two, in evaluation, on the device that the model is on.

    `example` is the shape of one sample, a tensor, or a tuple or a dict of these.

    Raises UsageError.
    """
    tensors = (*model.parameters(), *model.buffers())
    device = next((tensor.device for tensor in tensors), None)
    both = one_and_two_samples(example, device)
    were_training = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        one, two = (record_calls(model, *given, **named) for given, named in both)
        return one, two
    except PassFailed as error:
        raise _failure(model, example, device, error) from error.__cause__
    finally:
        for module, was_training in were_training:
            module.training = was_training


def _failure(
    model: nn.Module, example: Any, device: torch.device | None, error: PassFailed
) -> UsageError:
    """What went wrong in a pass, as a person reads it."""
    cause = error.__cause__
    assert cause is not None
    given = "these inputs" if _holds_tensors(example) else f"an input of {_listed(example)}"
    where = f" in {error.path}" if error.path else ""
    on_meta = device is not None and device.type == "meta"
    if on_meta and any(word in str(cause).lower() for word in _NO_VALUES):
        return UsageError(
            f"{type(model).__name__} depends on values{where}, and has none on the meta device",
            hint='pass --device cpu, in Python device="cpu"',
        )
    message = f"{type(model).__name__} can't run on {given}: {first_line(cause)}{where}"
    return UsageError(message, _hint(model, cause))


def _hint(model: nn.Module, cause: BaseException) -> str | None:
    """What other input it may want."""
    if _INDICES in str(cause):
        return "it reads whole numbers: --input 7:int, in Python a tensor of them"
    if isinstance(cause, TypeError) and "forward()" in str(cause):
        return f"its inputs are {', '.join(required_inputs(model))}: --input NAME=SHAPE for each"
    return None


def _holds_tensors(example: Any) -> bool:
    return any(isinstance(leaf, torch.Tensor) for leaf in tree_leaves(example))


def _listed(example: Any) -> Any:
    if isinstance(example, dict):
        return ", ".join(f"{name} {_listed(each)}" for name, each in example.items())
    return list(example) if isinstance(example, tuple) else example
