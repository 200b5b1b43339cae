"""The module built from a spec, with the model's own tensors in it."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from sepconv_cli.conventions import TRACED
from sepconv_cli.importing.proofs.proof import Counterpart
from sepconv_cli.importing.proofs.values import Unprovable
from sepconv_cli.importing.reading import Layout
from sepconv_cli.importing.steps import Held
from sepconv_cli.trace.build import Graph, build_module


class Samples:
    """The recorded tensors as the spec has them: the batch in front, then channels and sizes."""

    def __init__(self, layouts: Sequence[Layout], values: Sequence[torch.Tensor]) -> None:
        self._layouts, self._values = layouts, values

    def __getitem__(self, at: int) -> torch.Tensor:
        value, batch = self._values[at], self._layouts[at].batch
        value = value.unsqueeze(0) if batch is None else value.movedim(batch, 0)
        return value if value.dim() > 1 else value.unsqueeze(1)


def loaded(
    found: Counterpart,
    named: Mapping[str, torch.Tensor],
    values: Sequence[torch.Tensor],
    samples: Samples,
) -> Graph:
    """The module built from the spec with the model's own tensors in it; it takes no memory."""
    with torch.device("meta"):
        graph = build_module(found.network, TRACED)
    for step, at in zip(found.recorded.steps, found.nodes, strict=True):
        if at is None or step.op.is_opaque:
            continue
        slots = _slots(graph[at])
        if len(slots) != len(step.held):
            raise Unprovable(f"{found.network.nodes[at].name} has weights of unknown origin")
        for (module, name, shape), held in zip(slots, step.held, strict=True):
            _put(module, name, _fitted(_value(held, named, values), held, shape))
        if step.op.name == "embedding":
            graph[at] = _Embedding(graph[at])
        if step.op.name == "further_input" and step.tensor is not None:
            graph[at] = _Input(samples[step.tensor])
    return graph


class _Embedding(nn.Module):
    """The vectors of the indices that arrive, where the second engine takes the first one."""

    def __init__(self, table: nn.Module) -> None:
        super().__init__()
        self.table = table

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight: Any = self.table.weight
        return nn.functional.embedding(x.long(), weight).movedim(-1, 1)


class _Input(nn.Module):
    """A further input of the model."""

    def __init__(self, value: torch.Tensor) -> None:
        super().__init__()
        self.value = value

    def forward(self, *ignored: torch.Tensor) -> torch.Tensor:
        return self.value


# Counters, and parameters that only stand for those that others are made of.
_NO_VALUES = ("num_batches_tracked", "parts")
_MADE = "values"


def _slots(module: nn.Module) -> list[tuple[nn.Module, str, torch.Size]]:
    """The parameters of a layer, then its buffers, each with the module that it belongs to."""
    own: list[tuple[nn.Module, str, torch.Size]] = []
    for tables in ("_parameters", "_buffers"):
        for each in module.modules():
            # Where values are made of others, a weight stands for those alone.
            none = ("weight", *_NO_VALUES) if _MADE in each._buffers else _NO_VALUES
            for name, tensor in getattr(each, tables).items():
                if tensor is not None and name not in none:
                    own.append((each, name, tensor.shape))
    return own


def _value(
    held: Held, named: Mapping[str, torch.Tensor], values: Sequence[torch.Tensor]
) -> torch.Tensor:
    if held.name is not None and held.name in named:
        return named[held.name]
    if held.made is None:
        raise Unprovable(f"{held.name} isn't in the model")
    return values[held.made]


def _fitted(value: torch.Tensor, held: Held, shape: torch.Size) -> torch.Tensor:
    """A value in the form in which the layer has it."""
    value = value.transpose(-2, -1) if held.turned else value
    if value.numel() != shape.numel():
        raise Unprovable(f"a weight of {list(shape)} is made of one of {list(value.shape)}")
    return value.reshape(shape)


def _put(module: nn.Module, name: str, value: torch.Tensor) -> None:
    if name in module._parameters:
        module._parameters[name] = nn.Parameter(value.detach(), requires_grad=False)
    else:
        module._buffers[name] = value
