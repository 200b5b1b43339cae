"""Which tensors share memory: who writes to one has changed the others."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch.utils._pytree import tree_leaves

Redone = tuple[str, tuple[Any, ...], torch.Tensor]
"""A call that gives a changed tensor what it holds now: a name, arguments, the tensor."""


class Views:
    """The tensors of a pass by their memory, and how slices were cut out of others."""

    def __init__(self) -> None:
        self._sharing: dict[int, list[torch.Tensor]] = {}
        self._cut: dict[int, tuple[torch.Tensor, Any]] = {}

    def add(
        self,
        name: str,
        arguments: Sequence[Any],
        keywords: Mapping[str, Any],
        made: Sequence[torch.Tensor],
    ) -> None:
        """Remember what a call made."""
        for tensor in made:
            sharing = self._sharing.setdefault(_memory(tensor), [])
            if not any(tensor is each for each in sharing):
                sharing.append(tensor)
        for tensor, index in zip(made, _indices(name, arguments, keywords, made), strict=False):
            if _memory(tensor) == _memory(arguments[0]):
                self._cut[id(tensor)] = (arguments[0], index)

    def writes_own_slice(self, name: str, arguments: Sequence[Any]) -> bool:
        """Whether a slice that was changed in place is put where it lies, as `x[1:] += y` does."""
        if name != "__setitem__":
            return False
        base, index = self._cut.get(id(arguments[2]), (None, None))
        return base is arguments[0] and bool(index == arguments[1])

    def changed_with(self, tensor: torch.Tensor) -> Iterator[Redone]:
        """What has changed since a tensor was written to.

        What it was cut from has the slice put in; what was cut from that is cut again. How others
        lie in its memory isn't known.
        """
        done = {id(tensor)}
        while id(tensor) in self._cut:
            base, index = self._cut[id(tensor)]
            yield "__setitem__", (base, index, tensor), base
            done.add(id(base))
            tensor = base
        for each in self._sharing.get(_memory(tensor), ()):
            if id(each) in done:
                continue
            source, index = self._cut.get(id(each), (None, None))
            done.add(id(each))
            if id(source) in done:
                yield "__getitem__", (source, index), each
            else:
                yield "view_of_changed_memory", (each, tensor), each


def one_of_each_memory(changed: Iterable[torch.Tensor]) -> list[torch.Tensor]:
    """The first tensor of each memory: that which was written to, before what it was written from.

    torch counts what is written for all tensors in a memory at once.
    """
    found: dict[int, torch.Tensor] = {}
    for tensor in changed:
        found.setdefault(_memory(tensor), tensor)
    return list(found.values())


def _indices(
    name: str, arguments: Sequence[Any], keywords: Mapping[str, Any], made: Sequence[Any]
) -> Sequence[Any]:
    """Where in its first argument a function finds what it gives: by an index or one by one."""
    if name == "__getitem__":
        index = arguments[1]
        plain = not any(isinstance(leaf, torch.Tensor) for leaf in tree_leaves(index))
        return [index] if plain else []
    if name == "unbind" and (*arguments[1:], *keywords.values()) in ((), (0,)):
        return range(len(made))
    return []


def _memory(tensor: torch.Tensor) -> int:
    """What tells memory from other memory; 0 where a tensor has none."""
    try:
        return int(tensor.untyped_storage()._cdata)
    except (NotImplementedError, RuntimeError):
        return 0
