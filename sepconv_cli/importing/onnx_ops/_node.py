"""A node with what its inputs and attributes stand for: what the readers of this folder work on."""

from collections.abc import Callable, Sequence
from typing import Any

from sepconv_cli.importing import functions
from sepconv_cli.importing.onnx_graph.graph import NodeCall
from sepconv_cli.importing.reading import Reading, State, Unreadable
from sepconv_cli.importing.steps import Held
from sepconv_cli.importing.tape import Ref, Weight


class NodeReading(Reading):
    """One node: its inputs by name, and its attributes under their own names."""

    def __init__(self, state: State, call: NodeCall, names: Sequence[str]) -> None:
        given = dict(zip(names, call.arguments, strict=False))
        super().__init__(state, call, {**given, **call.keywords})
        self.version = call.version
        self.inputs = [each for each in call.arguments if each is not None]
        self._values = dict(zip(names, call.values, strict=False))
        self._by_input = dict(zip(call.arguments, call.values, strict=False))

    def value(self, name: str) -> Any:
        """An attribute, or the values of an input where they are known; None where it's missing.

        Raises Unreadable where an input depends on the model's.
        """
        found = self.given.get(name)
        if not isinstance(found, (Ref, Weight)):
            return found
        if self._values.get(name) is None:
            raise Unreadable(f"{name} isn't known")
        return self._values[name]

    def is_known(self, name: str) -> bool:
        """Whether the values of an input are known."""
        return self._values.get(name) is not None

    def ints(self, name: str, default: Sequence[int] | None = None) -> tuple[int, ...] | None:
        """A list of whole numbers."""
        found = self.value(name)
        if found is None:
            return None if default is None else tuple(default)
        return (found,) if isinstance(found, int) else tuple(int(each) for each in found)

    def number(self, name: str) -> float | None:
        """A single number."""
        found = self.value(name)
        return None if found is None else _single(found)

    def operand(self, given: Any) -> Any:
        """A tensor; a number where it is a constant of one element that isn't learned."""
        found = self._by_input.get(given)
        if found is None or self.held(given).learned:
            return given
        try:
            return _single(found)
        except Unreadable:
            return given

    def weight(self, name: str) -> tuple[int, ...]:
        """The shape of a weight. Raises Unreadable where it depends on the model's input."""
        if self[name] is None:
            raise Unreadable(f"no {name}")
        if not self.is_constant(self[name]):
            raise Unreadable(f"{name} depends on the input")
        return self.layout(self[name]).dims

    def held_by(self, *names: str) -> list[Held]:
        """The weights among the inputs that are there."""
        return [self.held(self[name]) for name in names if self[name] is not None]

    def as_torch(self, function: str, **given: Any) -> int | list[int]:
        """The same as one of torch's functions, whose reader emits it."""
        return functions.READERS[function][1](Reading(self.state, self.call, given))

    def moving(self) -> Any:
        """The first of the inputs that depends on the model's."""
        return next(each for each in self.inputs if not self.is_constant(each))

    def same(self) -> int:
        """What arrives, as it is."""
        return self.source(self.moving())

    def shaped(self, at: int) -> int:
        """A step's output under the axes that the node puts out."""
        if self.state.steps[at].y == self.y.tensor:
            return at
        return self.emit("reshape", at, shape=self.y.dims or (1,), y=self.y)


def _single(found: Any) -> float:
    while isinstance(found, list) and len(found) == 1:
        (found,) = found
    if isinstance(found, list) or not isinstance(found, (int, float)):
        raise Unreadable("more than a number")
    return found


NodeReader = Callable[[NodeReading], "int | list[int]"]
"""What turns a node into ops: it emits them, and gives the steps that its outputs are."""
