"""One forward pass of a torch module, written down call by call.

What is called is seen at the level at which people write (conv2d, batch_norm, cat), since a
TorchFunctionMode stands between. Under torch.device("meta") nothing is computed. What a call means
is translate.py's.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import msgspec
import torch
from torch import nn
from torch.nn.modules import module as hooks
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map


class Ref(msgspec.Struct, frozen=True):
    """A tensor that an earlier call made, or an input of the model."""

    at: int
    shape: tuple[int, ...]


class Weight(msgspec.Struct, frozen=True):
    """A parameter or buffer of the model."""

    name: str
    shape: tuple[int, ...]
    learned: bool


class Call(msgspec.Struct, frozen=True):
    """A call: the function's name, its arguments, and the tensors that came out."""

    function: str
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    outputs: tuple[Ref, ...]
    path: tuple[str, ...]
    classes: tuple[str, ...]


class Tape(msgspec.Struct, frozen=True):
    """The calls of one forward pass, the model's inputs and what it handed out."""

    inputs: tuple[Ref, ...]
    calls: tuple[Call, ...]
    outputs: tuple[Ref, ...]


def record(model: nn.Module, inputs: tuple[Any, ...]) -> Tape:
    """Run the model once in evaluation and write down what it calls."""
    with ExitStack() as stack:
        recorder = _Recorder(model, inputs)
        stack.enter_context(torch.no_grad())
        stack.enter_context(recorder.paths())
        stack.enter_context(recorder)
        found = model(*inputs)
    known = [
        recorder.values[id(leaf)] for leaf in tree_leaves(found) if id(leaf) in recorder.values
    ]
    return Tape(tuple(recorder.inputs), tuple(recorder.calls), tuple(known))


class _Recorder(TorchFunctionMode):
    def __init__(self, model: nn.Module, inputs: tuple[Any, ...]) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.values: dict[int, Ref] = {}
        # What is known by its id must not be collected, or another tensor takes its id.
        self._kept: list[Any] = []
        self._stack: list[tuple[str, str]] = []
        self._names = {id(module): name for name, module in model.named_modules()}
        self._weights: dict[int, Weight] = {}
        for name, tensor in (*model.named_parameters(), *model.named_buffers()):
            learned = isinstance(tensor, nn.Parameter)
            self._weights.setdefault(id(tensor), Weight(name, tuple(tensor.shape), learned))
        self._count = 0
        self.inputs = [self._new(leaf) for leaf in tree_leaves(inputs) if _is_tensor(leaf)]

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        keywords = kwargs or {}
        given = tree_map(self._known, (args, keywords))
        found = func(*args, **keywords)
        made = [leaf for leaf in tree_leaves(found) if _is_tensor(leaf)]
        name = getattr(func, "__name__", str(func))
        if made and name not in ("__get__", "__set__"):
            self.calls.append(
                Call(
                    name,
                    *given,
                    tuple(self._new(leaf) for leaf in made),
                    tuple(name for name, _ in self._stack),
                    tuple(kind for _, kind in self._stack),
                )
            )
        return found

    @contextmanager
    def paths(self) -> Iterator[None]:
        """While this lasts, it is known which module runs."""

        def enter(module: nn.Module, _: Any) -> None:
            full = self._names.get(id(module), "")
            self._stack.append((full.rpartition(".")[2] or "", type(module).__name__))

        def leave(module: nn.Module, _: Any, __: Any) -> None:
            self._stack.pop()

        handles = [
            hooks.register_module_forward_pre_hook(enter),
            hooks.register_module_forward_hook(leave, always_call=True),
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _new(self, tensor: torch.Tensor) -> Ref:
        ref = self.values[id(tensor)] = Ref(self._count, tuple(tensor.shape))
        self._count += 1
        self._kept.append(tensor)
        return ref

    def _known(self, leaf: Any) -> Any:
        if not _is_tensor(leaf):
            return leaf
        found = self.values.get(id(leaf)) or self._weights.get(id(leaf))
        return found if found is not None else self._new(leaf)


def _is_tensor(leaf: Any) -> bool:
    return isinstance(leaf, torch.Tensor)
