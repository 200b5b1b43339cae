"""A call with what its arguments stand for: what the readers of functions/ work on.

Shapes and axes here are those of one sample: the axis that holds the batch is left out. Which that
is, is seen from two passes, of one sample and of two.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

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

    def __init__(self, layouts: Sequence[Layout]) -> None:
        self.layouts = layouts
        self.steps: list[Step] = []
        self.made: dict[int, int] = {}
        self.call: int | None = None
        self.constants: dict[int, tuple[Weight, ...]] = {}


class Reading:
    """One call: its arguments by name, and `emit` for the ops that it comes to."""

    def __init__(self, state: State, call: FunctionCall, given: dict[str, Any]) -> None:
        self.state, self.call, self.given = state, call, given

    def __getitem__(self, name: str) -> Any:
        return self.given.get(name)

    def get(self, name: str, default: Any) -> Any:
        """An argument, or the default where it isn't given or None."""
        value = self.given.get(name)
        return default if value is None else value

    def layout(self, ref: Ref | Weight) -> Layout:
        """The layout of a tensor; weights have no batch."""
        return self.state.layouts[ref.at] if isinstance(ref, Ref) else Layout(ref.shape, None)

    @property
    def x(self) -> Layout:
        """The layout of the first tensor argument."""
        return self.layout(next(v for v in tensors(tuple(self.given.values()))))

    @property
    def y(self) -> Layout:
        """The layout of what comes out."""
        return self.state.layouts[self.call.outputs[0].at]

    def is_constant(self, value: Any) -> bool:
        """Whether an argument doesn't depend on the model's input."""
        return not (isinstance(value, Ref) and value.at in self.state.made)

    def held(self, value: Ref | Weight) -> Held:
        """A weight, or what was made of weights."""
        if isinstance(value, Weight):
            return Held((value.name,) if value.learned else (), value.name)
        sources = self.state.constants.get(value.at, ())
        return Held(tuple(w.name for w in sources if w.learned), None, value.at)

    def axes(self, name: str, default: Any) -> tuple[int, ...]:
        """A length for each spatial axis."""
        value = self.given.get(name)
        value = default if value is None or value == () or value == [] else value
        count = len(self.x.dims) - 1
        if isinstance(value, (list, tuple)):
            return tuple(value) * (count if len(value) == 1 else 1)
        return (value,) * count

    def source(self, value: Any) -> int:
        """The step that made a tensor; one that depends on no input becomes a step."""
        if not self.is_constant(value):
            return self.state.made[value.at]
        held = self.held(value)
        given = tensors((self.call.arguments, tuple(self.call.keywords.values())))
        others = [each for each in given if not self.is_constant(each)]
        if not others:
            raise Unreadable(f"{self.call.function} reads constants alone")
        kind = "learned" if held.learned else "constant"
        shape = laid_beside(self.layout(others[0]), self.layout(value))
        return self.emit(kind, others[0], shape=shape or (1,), held=[held])

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
        shapes = tuple(
            self.state.steps[at].y if at >= 0 else self.state.layouts[-at - 1].tensor
            for at in sources
        )
        complaints = list(built.check_inputs(shapes))
        if complaints:
            raise Unreadable(f"{op}: {complaints[0].message}")
        found = built.shape_of(shapes)
        if y is not None and found != y.tensor:
            raise Unreadable(f"{op}: {' and '.join(map(str, shapes))} -> {found}, not {y.tensor}")
        call = self.call
        step = Step(built, call.path, call.classes, sources, found, tuple(held), self.state.call)
        self.state.steps.append(step)
        return len(self.state.steps) - 1


def laid_beside(x: Layout, constant: Layout) -> tuple[int, ...]:
    """A constant's shape without the batch's axis, and without leading axes of 1."""
    dims = list(constant.dims)
    if x.batch is not None:
        back = x.rank - x.batch
        if back <= len(dims):
            if dims[-back] != 1:
                raise Unreadable("a constant for every sample")
            del dims[-back]
    while len(dims) > len(x.dims) and dims[0] == 1:
        del dims[0]
    return tuple(dims)


def tensors(value: Any) -> list[Ref | Weight]:
    """Every tensor in some arguments."""
    if isinstance(value, (Ref, Weight)):
        return [value]
    if isinstance(value, (list, tuple)):
        return [found for item in value for found in tensors(item)]
    return []
