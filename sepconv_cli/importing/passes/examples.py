"""What a model is run on: the same arguments for one sample and for two."""

from collections.abc import Mapping, Sequence
from inspect import Parameter, signature
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_leaves, tree_map

from sepconv_cli.errors import UsageError

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
"""A call's positional arguments, and those with a name."""


def one_and_two_samples(example: Any, device: torch.device | None) -> tuple[Arguments, Arguments]:
    """The arguments of both passes.

    A tensor's first axis is the batch where it is as long as that of the first tensor; of these the
    first sample is taken. What else stands there is handed on as it is. Raises UsageError.
    """
    positional, keywords = _arguments(example)
    try:
        given = (
            tuple(_filled(each, device) for each in positional),
            {name: _filled(each, device) for name, each in keywords.items()},
        )
    except RuntimeError as error:
        raise UsageError(f"an input of {example} can't be made") from error
    batches = [len(each) for each in tree_leaves(given) if _has_axes(each)]
    if not batches:
        raise UsageError(
            "a model needs an input that is a tensor",
            hint="input is a shape such as (3, 224, 224), a tensor, a tuple or a dict of such",
        )
    if not batches[0]:
        raise UsageError("the example has no sample")

    def of(samples: int) -> Any:
        return tree_map(
            lambda leaf: (
                torch.cat([leaf[:1]] * samples)
                if _has_axes(leaf) and len(leaf) == batches[0]
                else leaf
            ),
            given,
        )

    return of(1), of(2)


def required_inputs(model: nn.Module) -> list[str]:
    """The arguments that a forward pass can't do without, by their names."""
    given = signature(model.forward).parameters.values()
    kinds = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    return [each.name for each in given if each.default is Parameter.empty and each.kind in kinds]


def _arguments(example: Any) -> Arguments:
    if isinstance(example, Mapping):
        return (), dict(example)
    if _is_shape(example) or isinstance(example, torch.Tensor) or not _is_list(example):
        return (example,), {}
    *first, last = example or [None]
    if first and isinstance(last, Mapping):
        return tuple(first), dict(last)
    return tuple(example), {}


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_shape(value: Any) -> bool:
    """Whether it is the shape of one sample rather than a value."""
    return _is_list(value) and len(value) > 0 and all(type(each) is int for each in value)


def _filled(value: Any, device: torch.device | None) -> Any:
    """The same with tensors in place of shapes, on the device."""

    def filled(leaf: Any) -> Any:
        if _is_shape(leaf):
            return torch.zeros(1, *leaf, device=device)
        return leaf.to(device) if isinstance(leaf, torch.Tensor) else leaf

    return tree_map(filled, value, is_leaf=_is_shape)


def _has_axes(leaf: Any) -> bool:
    return isinstance(leaf, torch.Tensor) and leaf.dim() > 0
