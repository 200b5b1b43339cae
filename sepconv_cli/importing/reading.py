"""A call with what its arguments stand for: what the readers of functions/ work on.

Shapes and axes here are those of one sample: the axis that holds the batch is left out. Which that
is, is seen from two passes, of one sample and of two.
"""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import msgspec
from msgspec.structs import replace

from sepconv_cli.importing.steps import Held, Step
from sepconv_cli.importing.tape import FunctionCall, Ref, Weight
from sepconv_cli.network import Op, Tensor
from sepconv_cli.registry import names, record


class Layout(msgspec.Struct, frozen=True):
    """The shape of a tensor of one sample, and where the batch stood; None where it has none."""

    dims: tuple[int, ...]
    batch: int | None

    @property
    def rank(self) -> int:
        """How many axes torch sees."""
        return len(self.dims) + (self.batch is not None)

    def axis(self, dim: int) -> int | None:
        """The axis of the sample that torch numbers so; None for the batch."""
        dim %= max(self.rank, 1)
        if dim == self.batch:
            return None
        return dim - (self.batch is not None and dim > self.batch)

    @property
    def tensor(self) -> Tensor:
        """The same as a network has it; a single number is one channel."""
        return Tensor(self.dims[0], self.dims[1:]) if self.dims else Tensor(1)


def layout(one: tuple[int, ...], two: tuple[int, ...]) -> Layout:
    """The layout of a tensor that has these shapes for one sample and for two."""
    batch = next((at for at, pair in enumerate(zip(one, two, strict=True)) if pair == (1, 2)), None)
    return Layout(tuple(n for at, n in enumerate(one) if at != batch), batch)


Reader = Callable[["Reading"], "int | list[int]"]
"""What turns a call into ops: it emits them, and gives the steps that its outputs are."""

Readers = Mapping[str, tuple[tuple[str, ...], Reader]]
"""The names of each function's arguments in their order, and its reader."""


class Unreadable(Exception):
    """A call that can't be told; it becomes opaque."""


class State:
    """What is known of the pass so far: the steps, and what every tensor stands for."""

    def __init__(self, layouts: Sequence[Layout], inputs: Sequence[Ref]) -> None:
        first, *further = inputs
        self.layouts = layouts
        self.steps: list[Step] = []
        self.made: dict[int, int] = {first.at: -1}
        self.input = layouts[first.at].tensor
        self.further = {ref.at for ref in further}
        self.call: int | None = None
        self.constants: dict[int, tuple[Weight, ...]] = {}
        # Steps from which a tensor without elements was made.
        self.ends: set[int] = set()
        self.recipes: dict[int, int] = {}
        self._known: dict[str, int] = {}

    def add_constants(self, call: FunctionCall, of: tuple[Weight, ...]) -> None:
        """Take note of what a call makes of the model's own tensors alone.

        What is made of the same by the same calls has one recipe.
        """
        given = self._ingredients((call.arguments, sorted(call.keywords.items())))
        for at, ref in enumerate(call.outputs):
            self.constants[ref.at] = of
            recipe = f"{call.function} {at} {given}"
            self.recipes[ref.at] = self._known.setdefault(recipe, len(self._known))

    def _ingredients(self, value: Any) -> Any:
        """The same arguments, in which tensors are told by their names and recipes alone."""
        if isinstance(value, (list, tuple)):
            return [self._ingredients(each) for each in value]
        if isinstance(value, Weight):
            return value.name
        if not isinstance(value, Ref):
            return value
        recipe = self.recipes.get(value.at)
        return f"tensor {value.at}" if recipe is None else f"recipe {recipe}"

    def shape(self, at: int) -> Tensor:
        """What a step hands on, -1 being the model's input."""
        return self.steps[at].y if at >= 0 else self.input

    def moves(self, value: Any) -> bool:
        """Whether it is a tensor that depends on the model's inputs."""
        return isinstance(value, Ref) and (value.at in self.made or value.at in self.further)

    def forget(self, since: int) -> None:
        """Take back the steps from this one on."""
        del self.steps[since:]
        self.made = {ref: at for ref, at in self.made.items() if at < since}


class Reading:
    """One call: its arguments by name, and `emit` for the ops that it comes to."""

    def __init__(
        self,
        state: State,
        call: FunctionCall,
        given: dict[str, Any],
        ends: tuple[Layout, Layout] | None = None,
    ) -> None:
        self.state, self.call, self.given = state, call, given
        self._ends = ends

    def on(self, at: int, y: Sequence[int]) -> "Reading":
        """The same call on what a step hands on, putting out samples of another shape."""
        first = next(iter(self.given))
        ends = (Layout(self.state.shape(at).axes, 0), Layout(tuple(y), 0))
        return Reading(self.state, self.call, {**self.given, first: at}, ends)

    def __getitem__(self, name: str) -> Any:
        return self.given.get(name)

    def get(self, name: str, default: Any) -> Any:
        """An argument, or the default where it isn't given or None."""
        value = self.given.get(name)
        return default if value is None else value

    def layout(self, ref: Ref | Weight | int) -> Layout:
        """The layout of a tensor, or of a step; weights have no batch."""
        if isinstance(ref, int):
            return Layout(self.state.shape(ref).axes, 0)
        return self.state.layouts[ref.at] if isinstance(ref, Ref) else Layout(ref.shape, None)

    @property
    def x(self) -> Layout:
        """The layout of the first tensor argument."""
        if self._ends:
            return self._ends[0]
        return self.layout(next(v for v in tensors(tuple(self.given.values()))))

    @property
    def y(self) -> Layout:
        """The layout of what comes out."""
        if self._ends:
            return self._ends[1]
        return self.state.layouts[self.call.outputs[0].at]

    def is_constant(self, value: Any) -> bool:
        """Whether an argument doesn't depend on the model's input."""
        return not (isinstance(value, int) or self.state.moves(value))

    def held(self, value: Ref | Weight) -> Held:
        """A weight, or what was made of weights."""
        if isinstance(value, Weight):
            return Held((value.name,) if value.learned else (), value.name)
        sources = self.state.constants.get(value.at, ())
        learned = tuple(w.name for w in sources if w.learned)
        return Held(learned, None, value.at, recipe=self.state.recipes.get(value.at))

    def is_whole(self, value: Ref | Weight) -> bool:
        """Whether it has as many elements as what it is made of: a parameter, however shaped."""
        return prod(value.shape) == self._elements_behind(value)

    def is_learned(self, value: Ref | Weight) -> bool:
        """Whether each of its elements can be a parameter, rather than be read from fewer."""
        return prod(value.shape) <= self._elements_behind(value)

    def is_used_elsewhere(self, held: Held) -> bool:
        """Whether a step before uses what else was made of the same parameters."""
        if held.made is None:
            return False
        names = {*held.learned}
        return any(
            not names.isdisjoint(each.learned) for step in self.state.steps for each in step.held
        )

    def _elements_behind(self, value: Ref | Weight) -> int:
        """Those of the parameters that it is made of."""
        sources: Sequence[Weight] = (value,) if isinstance(value, Weight) else ()
        if isinstance(value, Ref):
            sources = self.state.constants.get(value.at, ())
        return sum(prod(source.shape) for source in sources if source.learned)

    def axes(self, name: str, default: Any, count: int | None = None) -> tuple[int, ...]:
        """A length for each spatial axis: for all but the channels, or so many."""
        value = self.given.get(name)
        value = default if value is None or value == () or value == [] else value
        count = len(self.x.dims) - 1 if count is None else count
        if isinstance(value, (list, tuple)):
            return tuple(value) * (count if len(value) == 1 else 1)
        return (value,) * count

    def source(self, value: Any) -> int:
        """The step that made a tensor; one that depends on no input becomes a step."""
        if not self.is_constant(value):
            return self._moving(value)
        given = tensors((self.call.arguments, tuple(self.call.keywords.values())))
        others = [each for each in given if not self.is_constant(each)]
        if not others:
            raise Unreadable(f"{self.call.function} reads constants alone")
        shape = laid_beside(self.layout(others[0]), self.layout(value))
        return self.constant(value, shape or (1,), others[0])

    def constant(self, value: Ref | Weight, shape: tuple[int, ...], beside: Any) -> int:
        """The step that hands on what no input reaches, so that it can be read beside another."""
        held = self.held(value)
        return self.emit(
            "learned" if held.learned else "constant", beside, shape=shape, held=[held]
        )

    def _moving(self, value: Ref) -> int:
        """The step of a tensor that depends on an input; a further input becomes one when read."""
        if value.at not in self.state.made:
            shape = self.layout(value).dims or (1,)
            at = self.state.made[value.at] = self.emit("further_input", -1, shape=shape)
            self.state.steps[at] = replace(self.state.steps[at], tensor=value.at)
        return self.state.made[value.at]

    def emit(
        self,
        op: str,
        *inputs: Any,
        held: Sequence[Held] = (),
        y: Layout | None = None,
        **fields: Any,
    ) -> int:
        """Add an op that reads tensors or earlier steps; its index. Raises Unreadable."""
        if op not in names("ops"):
            raise Unreadable(f"no op is called {op}")
        try:
            built: Op = record("ops", op)(**fields)
        except TypeError as error:
            raise Unreadable(str(error)) from error
        sources = tuple(each if isinstance(each, int) else self.source(each) for each in inputs)
        shapes = tuple(map(self.state.shape, sources))
        complaints = list(built.check_inputs(shapes))
        if complaints:
            raise Unreadable(f"{op}: {complaints[0].message}")
        found = built.shape_of(shapes)
        if y is not None and found != y.tensor:
            raise Unreadable(f"{op}: {' and '.join(map(str, shapes))} -> {found}, not {y.tensor}")
        call = self.call
        step = Step(
            built,
            call.path,
            call.classes,
            sources,
            found,
            tuple(held),
            visits=call.visits,
            call=self.state.call,
        )
        self.state.steps.append(step)
        return len(self.state.steps) - 1


def laid_beside(x: Layout, constant: Layout) -> tuple[int, ...]:
    """A constant's shape without the batch's axis, and without leading axes of 1."""
    dims = list(constant.dims)
    if x.batch is not None and constant.batch is None:
        back = x.rank - x.batch
        if back <= len(dims):
            if dims[-back] != 1:
                raise Unreadable("a constant for every sample")
            del dims[-back]
    while len(dims) > len(x.dims) and dims[0] == 1:
        del dims[0]
    return tuple(dims)


_PRODUCTS = frozenset({"linear", "conv1d", "conv2d", "conv3d", "multi_head_attention_forward"})


def repeated_for_samples(call: FunctionCall, layouts: Sequence[Layout]) -> list[Ref]:
    """What a product reads along the batch, be it the same for all: it costs for each sample."""
    if call.function not in _PRODUCTS:
        return []
    given = tensors((call.arguments, tuple(call.keywords.values())))
    return [each for each in given if isinstance(each, Ref) and layouts[each.at].batch == 0]


def tensors(value: Any) -> list[Ref | Weight]:
    """Every tensor in some arguments."""
    if isinstance(value, (Ref, Weight)):
        return [value]
    if isinstance(value, (list, tuple)):
        return [found for item in value for found in tensors(item)]
    return []
