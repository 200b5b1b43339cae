"""Which steps use the parameters of earlier ones: modules that run again, weights that are tied."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from sepconv_cli.importing.steps import Held, Recorded, Step

HeldKey = tuple[str | int | None, bool]
"""What two parameters have in common that are one: a name or a recipe, and which way they stand."""


def held_key(held: Held) -> HeldKey:
    """What a parameter is told by; what was made of others by how it was made."""
    return (held.recipe if held.name is None else held.name), held.turned


def with_shares(recorded: Recorded) -> Recorded:
    """The same model, each step told which one before it has its parameters."""
    finder = _Finder(recorded)
    for at, step in enumerate(recorded.steps):
        if any(held.learned for held in step.held):
            finder.look_at(at, step)
    return replace(recorded, steps=tuple(finder.steps))


class _Finder:
    def __init__(self, recorded: Recorded) -> None:
        self.steps = [*recorded.steps]
        self._input = recorded.input
        self._first: dict[tuple[str, HeldKey], int] = {}
        self._known: dict[int, dict[str, HeldKey]] = {}

    def look_at(self, at: int, step: Step) -> None:
        """Look for the step that has the parameters of this one, and remember its own."""
        keys = {
            name: held_key(held)
            for name, held in zip(self._shapes(step), step.held, strict=False)
            if held.learned
        }
        before = {self._first[item] for item in keys.items() if item in self._first}
        same = {owner: self._same(step, keys, owner) for owner in sorted(before)}
        owner = max(same, key=lambda each: len(same[each]), default=at)
        if same.get(owner):
            common = self._shapes(step).keys() & self._shapes(self.steps[owner]).keys()
            only = None if len(common) == len(same[owner]) else same[owner][0]
            self.steps[at] = replace(step, shares=owner, only=only)
        self._known[at] = keys
        for item in keys.items():
            self._first.setdefault(item, at)

    def _same(self, step: Step, keys: Mapping[str, HeldKey], owner: int) -> list[str]:
        """The parameters that are the same: all that both have, or one, as the language has it."""
        other, known = self.steps[owner], self._known[owner]
        shapes, others = self._shapes(step), self._shapes(other)
        common = [name for name in shapes if name in others]
        found = [
            name
            for name in common
            if name in keys and keys[name] == known.get(name) and shapes[name] == others[name]
        ]
        fits = len(found) in (1, len(common)) and self._is_shared(step, other, common)
        return found if fits else []

    def _is_shared(self, step: Step, other: Step, common: Sequence[str]) -> bool:
        """Whether one name is one parameter: exporters store equal values once."""
        if step.visits or step.op.name != other.op.name:
            return True
        shapes = self._shapes(step)
        if all(len(shapes[name]) < 2 for name in common):
            return self._follows(step, other)
        return step.path == other.path

    def _follows(self, step: Step, owner: Step) -> bool:
        """Whether what it reads shares with what the owner reads."""
        source, other = step.sources[0], owner.sources[0]
        return source >= 0 and other in (source, self.steps[source].shares)

    def _shapes(self, step: Step) -> dict[str, tuple[int, ...]]:
        source = step.sources[0] if step.sources else -1
        return step.op.parameter_shapes(self.steps[source].y if source >= 0 else self._input)
