"""The tensors in what a model takes or hands out, however it is packed."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import torch
from torch.utils._pytree import tree_leaves


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """All tensors, in order: in lists, dictionaries, named tuples and dataclasses."""
    for leaf in tree_leaves(value):
        if isinstance(leaf, torch.Tensor):
            yield leaf
        elif isinstance(leaf, Mapping):
            # A dictionary of a class of its own, which torch takes for one value.
            yield from tensors_in(list(leaf.values()))
        elif is_dataclass(leaf) and not isinstance(leaf, type):
            yield from tensors_in([getattr(leaf, field.name, None) for field in fields(leaf)])
