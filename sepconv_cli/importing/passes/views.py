"""Which tensors share memory: who writes to one has changed the others."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch

Redone = tuple[str, tuple[Any, ...], torch.Tensor]
"""A call that gives a changed tensor what it holds now: a name, arguments, the tensor."""


class Views:
    """The tensors of a pass by their memory, and how slices were cut out of others."""

    def __init__(self) -> None:
        self._sharing: dict[int, list[torch.Tensor]] = {}
        self._cut: dict[int, tuple[torch.Tensor, Any]] = {}

    def add(self, name: str, arguments: Sequence[Any], made: Sequence[torch.Tensor]) -> None:
        """Remember what a call made."""
        for tensor in made:
            sharing = self._sharing.setdefault(_memory(tensor), [])
            if not any(tensor is each for each in sharing):
                sharing.append(tensor)
        if name == "__getitem__" and _memory(made[0]) == _memory(arguments[0]):
            self._cut[id(made[0])] = (arguments[0], arguments[1])

    def writes_own_slice(self, name: str, arguments: Sequence[Any]) -> bool:
        """Whether a slice that was changed in place is put where it lies, as `x[1:] += y` does."""
        if name != "__setitem__":
            return False
        base, index = self._cut.get(id(arguments[2]), (None, None))
        return base is arguments[0] and index is arguments[1]

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


def _memory(tensor: torch.Tensor) -> int:
    """What tells memory from other memory; 0 where a tensor has none."""
    try:
        return int(tensor.untyped_storage()._cdata)
    except (NotImplementedError, RuntimeError):
        return 0
