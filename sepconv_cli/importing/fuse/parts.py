"""Steps while some of them are put together."""

from collections.abc import Iterator, Sequence
from math import isclose
from typing import Any

import msgspec
from msgspec.structs import replace

from sepconv_cli.importing.steps import Held, Recorded, Step
from sepconv_cli.network import Op
from sepconv_cli.registry import record


class Fused(msgspec.Struct, frozen=True):
    """An op in the place of several steps: what it reads, its weights, and the steps that go."""

    op: Op
    sources: tuple[int, ...]
    gone: tuple[int, ...]
    held: tuple[Held, ...] = ()
    changed: dict[int, Op] = {}


class StepParts:
    """Steps while they are put together, each at its own index until the end."""

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded
        self._steps = list(recorded.steps)
        self._gone: set[int] = set()
        self._readers: dict[int, list[int]] = {}
        for at, step in enumerate(self._steps):
            self._read(at, step.sources)
        self._read(-1, recorded.outputs)

    def __getitem__(self, at: int) -> Step:
        return self._steps[at]

    def op(self, at: int) -> Any:
        """The op at an index; the model's input is none."""
        return self._steps[at].op if at >= 0 else None

    def named(self, at: int, *names: str) -> bool:
        """Whether the op at an index has one of these names."""
        return at >= 0 and self._steps[at].op.name in names

    def only_for(self, at: int, reader: int) -> bool:
        """Whether one step alone reads what a step puts out."""
        return at >= 0 and self.readers(at) == {reader}

    def readers(self, at: int) -> set[int]:
        """The steps that read what a step puts out; -1 is whoever reads the model's output."""
        return set(self._readers.get(at, ()))

    def before(self, at: int, *names: str) -> int | None:
        """What a step reads as its only input, where it has that name and no other reader."""
        if at < 0 or len(self._steps[at].sources) != 1:
            return None
        (source,) = self._steps[at].sources
        return source if self.named(source, *names) and self.only_for(source, at) else None

    def chain(self, at: int, *names: str) -> list[int] | None:
        """The steps back from one, each the only input of the one after it, by these names."""
        found: list[int] = []
        for name in names:
            last = self.before(found[-1] if found else at, name)
            if last is None:
                return None
            found.append(last)
        return found

    def put_together(self, found: Fused | None, at: int) -> bool:
        """Put an op in the place of a step and of others."""
        if found is None:
            return False
        for each in (at, *found.gone):
            for source in self._steps[each].sources:
                self._readers[source] = [
                    reader for reader in self._readers[source] if reader != each
                ]
        self._gone.update(found.gone)
        self._steps[at] = replace(
            self._steps[at], op=found.op, sources=found.sources, held=found.held
        )
        self._read(at, found.sources)
        for each, op in found.changed.items():
            shapes = tuple(self.y(source) for source in self._steps[each].sources)
            self._steps[each] = replace(self._steps[each], op=op, y=op.shape_of(shapes))
        return True

    def y(self, at: int) -> Any:
        """The shape that a step puts out, or the model's input."""
        return self._steps[at].y if at >= 0 else self._recorded.input

    def rest(self) -> Recorded:
        """The steps that are left, under new indices."""
        kept = [at for at in range(len(self._steps)) if at not in self._gone]
        numbers = {at: new for new, at in enumerate(kept)}
        steps = tuple(
            replace(step, sources=tuple(numbers.get(each, each) for each in step.sources))
            for step in (self._steps[at] for at in kept)
        )
        outputs = tuple(numbers.get(each, each) for each in self._recorded.outputs)
        return replace(self._recorded, steps=steps, outputs=outputs)

    def _read(self, reader: int, sources: Sequence[int]) -> None:
        for source in sources:
            self._readers.setdefault(source, []).append(reader)


def op_of(name: str, **fields: Any) -> Op:
    """An op with these fields."""
    found: Op = record("ops", name)(**fields)
    return found


def without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without leading axes of 1."""
    at = next((at for at, length in enumerate(shape) if length != 1), len(shape) - 1)
    return shape[at:]


def products(parts: StepParts, at: int) -> Iterator[tuple[int, int]]:
    """The two factors of a product, either first."""
    if parts.named(at, "multiply") and len(parts[at].sources) == 2:
        left, right = parts[at].sources
        yield from ((left, right), (right, left))


def is_affine(parts: StepParts, at: int, scale: float = 1, shift: float = 0) -> bool:
    """Whether a step multiplies by a number and adds one, as far as four bytes tell."""
    if not parts.named(at, "affine"):
        return False
    op = parts.op(at)
    return isclose(op.scale, scale, rel_tol=1e-5) and isclose(op.shift, shift, rel_tol=1e-5)
