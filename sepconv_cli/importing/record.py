"""One forward pass of a torch module, written down call by call.

What is called is seen at the level at which people write (conv2d, batch_norm, cat), since a
TorchFunctionMode stands between. Under torch.device("meta") nothing is computed. What a call means
is translate.py's.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.modules import module as hooks
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map

from sepconv_cli.importing.multiplying import Multiplications
from sepconv_cli.importing.tape import FunctionCall, Ref, Tape, Weight

# Attributes are read by these; what they give is no call.
_ATTRIBUTES = frozenset({"__get__", "__set__", "size", "dim", "stride", "numel"})


def record_calls(model: nn.Module, *inputs: Any, **keywords: Any) -> Tape:
    """Run the model once and write down what it calls."""
    return _recorded(_Recorder(model, (inputs, keywords)), model, inputs, keywords)


def record_batches(model: nn.Module, shape: tuple[int, ...]) -> tuple[Tape, Tape]:
    """The pass of one sample and that of two, in evaluation, on the device that the model is on."""
    device = next((parameter.device for parameter in model.parameters()), None)
    was_training = model.training
    model.eval()
    try:
        one, two = (
            record_calls(model, torch.zeros(samples, *shape, device=device)) for samples in (1, 2)
        )
        return one, two
    finally:
        model.train(was_training)


def recorded_values(
    model: nn.Module, *inputs: Any, **keywords: Any
) -> tuple[Tape, list[torch.Tensor]]:
    """The same, and a copy of the tensor of every reference: what a proof compares.

    Copies, since calls that work in place write over what others made.
    """
    recorder = _Recorder(model, (inputs, keywords), copies=True)
    tape = _recorded(recorder, model, inputs, keywords)
    return tape, recorder.copies


def _recorded(recorder: "_Recorder", model: nn.Module, inputs: Any, keywords: Any) -> Tape:
    with ExitStack() as stack:
        stack.enter_context(torch.no_grad())
        stack.enter_context(recorder.paths())
        stack.enter_context(recorder)
        stack.enter_context(recorder.multiplications)
        found = model(*inputs, **keywords)
    known = [recorder.values.get(id(leaf)) for leaf in tree_leaves(found)]
    outputs = tuple(ref for ref in known if ref is not None)
    return Tape(tuple(recorder.inputs), tuple(recorder.calls), outputs)


class _Recorder(TorchFunctionMode):
    def __init__(self, model: nn.Module, inputs: Any, copies: bool = False) -> None:
        super().__init__()
        self.copies: list[torch.Tensor] = []
        self.multiplications = Multiplications()
        self._copies = copies
        self.calls: list[FunctionCall] = []
        self.values: dict[int, Ref] = {}
        # What is known by its id must not be collected, or another tensor takes its id.
        self.tensors: list[torch.Tensor] = []
        self._stack: list[tuple[str, str]] = []
        self._names = {id(module): name for name, module in model.named_modules()}
        self._weights: dict[int, Weight] = {}
        for name, tensor in (*model.named_parameters(), *model.named_buffers()):
            learned = isinstance(tensor, nn.Parameter)
            self._weights.setdefault(id(tensor), Weight(name, tuple(tensor.shape), learned))
        self.inputs = [self._new(leaf) for leaf in tree_leaves(inputs) if _is_tensor(leaf)]

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        keywords = kwargs or {}
        given = tree_map(self._known, (args, keywords))
        self.multiplications.count = 0
        found = func(*args, **keywords)
        multiplications = self.multiplications.count
        name = getattr(func, "__name__", str(func))
        made = [leaf for leaf in tree_leaves(found) if _is_tensor(leaf)]
        if name == "__setitem__":
            made = [args[0]]
        if made and name not in _ATTRIBUTES:
            path, classes = zip(*self._stack, strict=True) if self._stack else ((), ())
            outputs = tuple(self._new(leaf) for leaf in made)
            self.calls.append(
                FunctionCall(name, given[0], given[1], outputs, path, classes, multiplications)
            )
        return found

    @contextmanager
    def paths(self) -> Iterator[None]:
        """While this lasts, it is known which module runs."""

        def enter(module: nn.Module, _: Any) -> None:
            full = self._names.get(id(module), "")
            self._stack.append((full.rpartition(".")[2], type(module).__name__))

        handles = [
            hooks.register_module_forward_pre_hook(enter),
            hooks.register_module_forward_hook(lambda *_: self._leave(), always_call=True),
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _leave(self) -> None:
        self._stack.pop()

    def _new(self, tensor: torch.Tensor) -> Ref:
        ref = self.values[id(tensor)] = Ref(len(self.tensors), tuple(tensor.shape))
        self.tensors.append(tensor)
        if self._copies:
            self.copies.append(tensor.clone())
        return ref

    def _known(self, leaf: Any) -> Any:
        if not _is_tensor(leaf):
            return leaf
        return self.values.get(id(leaf)) or self._weights.get(id(leaf)) or self._new(leaf)


def _is_tensor(leaf: Any) -> bool:
    return isinstance(leaf, torch.Tensor)
