"""One forward pass of a torch module, written down call by call.

What is called is seen at the level at which people write (conv2d, batch_norm, cat), since a
TorchFunctionMode stands between. Under torch.device("meta") nothing is computed. What a call means
is translate.py's.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Any
from unittest.mock import patch

import torch
from msgspec.structs import replace
from torch import nn
from torch.nn.modules import module as hooks
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map

from sepconv_cli.importing.passes.multiplying import Multiplications
from sepconv_cli.importing.passes.tensors import tensors_in
from sepconv_cli.importing.passes.views import Views, one_of_each_memory
from sepconv_cli.importing.tape import FunctionCall, Ref, Tape, Weight

# Attributes are read by these; what they give is no call.
_ATTRIBUTES = frozenset({"__get__", "__set__", "size", "dim", "stride", "numel"})

# Functions of torch.nn.functional that are many layers in one.
_OPENED = frozenset({"multi_head_attention_forward"})


class PassFailed(Exception):
    """A model raised while it ran, in the module at `path` if that is known; why is its cause."""

    def __init__(self, path: str | None) -> None:
        super().__init__(path)
        self.path = path


def record_calls(model: nn.Module, *inputs: Any, **keywords: Any) -> Tape:
    """Run the model once and write down what it calls. Raises PassFailed."""
    return _recorded(_Recorder(model, (inputs, keywords)), model, inputs, keywords)


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
        stack.enter_context(_left_as_it_was(model))
        stack.enter_context(torch.no_grad())
        stack.enter_context(_uncompiled())
        stack.enter_context(recorder.paths())
        stack.enter_context(recorder)
        stack.enter_context(recorder.multiplications)
        try:
            found = model(*inputs, **keywords)
        except Exception as error:
            raise PassFailed(recorder.raised_in) from error
    known = [recorder.values.get(id(leaf)) for leaf in tensors_in(found)]
    outputs = tuple(ref for ref in known if ref is not None)
    return Tape(tuple(recorder.inputs), tuple(recorder.calls), outputs)


@contextmanager
def _uncompiled() -> Iterator[None]:
    """While this lasts, what was compiled runs as it was written."""
    if "torch._dynamo" not in sys.modules:
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield


@contextmanager
def _left_as_it_was(model: nn.Module) -> Iterator[None]:
    """Undo what a pass keeps for the next one, which would then make fewer calls."""
    modules = [*model.modules()]
    before = [{name: _copied(value) for name, value in vars(each).items()} for each in modules]
    try:
        yield
    finally:
        for module, attributes in zip(modules, before, strict=True):
            vars(module).clear()
            vars(module).update(attributes)


def _copied(value: Any) -> Any:
    return value.copy() if type(value) in (dict, list, set) else value


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
        self.raised_in: str | None = None
        self._handled_before = sys.exc_info()[1]
        self._stack: list[tuple[str, str, int]] = []
        self._visits = count()
        self._names = {id(module): name for name, module in model.named_modules()}
        self._weights: dict[int, Weight] = {}
        self._views = Views()
        for name, tensor in (*model.named_parameters(), *model.named_buffers()):
            learned = isinstance(tensor, nn.Parameter)
            self._weights.setdefault(id(tensor), Weight(name, tuple(tensor.shape), learned))
        given = [(self._new(leaf), _is_index(leaf)) for leaf in tensors_in(inputs)]
        # A spec's input is the first, and no index where there is another.
        self.inputs = [ref for ref, _ in sorted(given, key=lambda pair: pair[1])]

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        keywords = kwargs or {}
        name = getattr(func, "__name__", str(func))
        if name in _ATTRIBUTES or self._views.writes_own_slice(name, args):
            return func(*args, **keywords)
        if name in _OPENED:
            return self._opened(func, args, keywords)
        given, named = tree_map(self._known, (args, keywords))
        before = [(leaf, _version(leaf)) for leaf in _tensors((args, keywords))]
        self.multiplications.count = 0
        found = func(*args, **keywords)
        written = one_of_each_memory(leaf for leaf, version in before if _version(leaf) != version)
        made = _tensors(found)
        made += [leaf for leaf in written if not any(leaf is each for each in made)]
        if made:
            self._call(name, given, named, made)
            self._views.add(name, args, keywords, made)
        for leaf in written:
            for again, arguments, changed in self._views.changed_with(leaf):
                self._call(again, tree_map(self._known, arguments), {}, [changed])
        return found

    def _call(
        self, name: str, given: tuple[Any, ...], named: dict[str, Any], made: list[torch.Tensor]
    ) -> None:
        path, classes, visits = zip(*self._stack, strict=True) if self._stack else ((), (), ())
        names = tuple(_names_in_turn(path))
        outputs = tuple([self._new(leaf) for leaf in made])
        call = FunctionCall(name, given, named, outputs, names, classes, visits=visits)
        count, self.multiplications.count = self.multiplications.count, 0
        self.calls.append(replace(call, multiplications=count))

    def _opened(self, func: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Run a function so that what it calls itself is seen in its place."""
        with patch.object(nn.functional, "has_torch_function", lambda _: False), self:
            return func(*args, **keywords)

    @contextmanager
    def paths(self) -> Iterator[None]:
        """While this lasts, it is known which module runs."""

        def enter(module: nn.Module, _: Any) -> None:
            full = self._names.get(id(module), "")
            self._stack.append((full, type(module).__name__, next(self._visits)))

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
        path, *_ = self._stack.pop()
        # torch leaves a module that raised while it handles what was raised.
        if self.raised_in is None and sys.exc_info()[1] is not self._handled_before:
            self.raised_in = path

    def _new(self, tensor: torch.Tensor) -> Ref:
        ref = self.values[id(tensor)] = Ref(len(self.tensors), tuple(tensor.shape))
        self.tensors.append(tensor)
        if self._copies:
            self.copies.append(tensor.clone())
        return ref

    def _known(self, leaf: Any) -> Any:
        if not isinstance(leaf, torch.Tensor):
            return leaf
        return self.values.get(id(leaf)) or self._weights.get(id(leaf)) or self._new(leaf)


def _tensors(value: Any) -> list[torch.Tensor]:
    return [leaf for leaf in tree_leaves(value) if isinstance(leaf, torch.Tensor)]


def _is_index(tensor: torch.Tensor) -> bool:
    return not (tensor.is_floating_point() or tensor.is_complex())


def _version(tensor: torch.Tensor) -> int:
    """How often a tensor was written to; always 0 where torch doesn't count."""
    return 0 if tensor.is_inference() else tensor._version


def _names_in_turn(path: Sequence[str]) -> Iterator[str]:
    """Each module's name in the one that calls it, with those of lists between them."""
    around = ""
    for full in path:
        yield full.removeprefix(around) if full.startswith(around) else full.rpartition(".")[2]
        around = f"{full}." if full else around
