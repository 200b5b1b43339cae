"""Programs saved by torch.export, and what torch computes with the ops that were read of one."""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from sepconv_cli.importing.steps import Held, Recorded, Step
from sepconv_cli.trace.build import build_module
from tests.importing.onnx_models import network


def exported(
    module: nn.Module, shape: tuple[int, ...], batch: int | None = None
) -> torch.export.ExportedProgram:
    """A program for a batch of that many samples, or for any number of them."""
    example = (torch.zeros(batch or 2, *shape),)
    sizes = None if batch else ({0: torch.export.Dim("batch")},)
    return torch.export.export(module.eval(), example, dynamic_shapes=sizes, strict=False)


def saved(program: torch.export.ExportedProgram, folder: Path) -> Path:
    path = folder / "program.pt2"
    torch.export.save(program, path)
    return path


def outputs(recorded: Recorded, module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """What torch computes with the ops that were read and the module's own weights."""
    built = build_module(network(recorded)).float().eval()
    told = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    made: list[torch.Tensor] = []
    with torch.no_grad():
        for step, part in zip(recorded.steps, built, strict=True):
            _fill(step, part, [_values(each, told) for each in step.held])
        for part, reads in zip(built, built.reads, strict=True):
            made.append(part(*(x if at < 0 else made[at] for at in reads)))
    (last,) = recorded.outputs
    return x if last < 0 else made[last]


def _values(held: Held, told: dict[str, torch.Tensor]) -> torch.Tensor:
    """A weight's numbers; one that was made of another has the same, in some shape."""
    (name,) = held.learned or (held.name,)
    assert name is not None
    # A matrix that was turned to inputs x outputs, and stands that way, is as it was.
    return told[name].T if held.turned and held.made is None else told[name]


def _fill(step: Step, part: nn.Module, values: list[torch.Tensor]) -> None:
    slots = [
        each
        for name, each in (*part.named_parameters(), *part.named_buffers())
        if not name.endswith("num_batches_tracked")
    ]
    if step.op.name == "batch_norm" and not step.op.affine:  # type: ignore[attr-defined]
        slots = [part.running_mean, part.running_var]  # type: ignore[list-item]
    for slot, value in zip(slots, values, strict=True):
        slot.data.copy_(value.reshape(slot.shape))


def assert_proven(recorded: Recorded, module: nn.Module, *shape: int) -> None:
    """What is read of a program computes what its module does."""
    x = torch.randn(1, *shape, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        wanted: Any = module.eval()(x)
    found = outputs(recorded, module, x)
    assert found.numel() == wanted.numel()
    error = (found.reshape(wanted.shape) - wanted).abs().max()
    assert error <= 1e-4 * wanted.abs().max()
