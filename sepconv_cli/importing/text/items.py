"""What an outline is made of: steps, modules, and branches that part and meet.

An item hands out one value, and reads what arrives at it unless it says otherwise. Values are the
indices of steps, -1 being the model's input.
"""

from collections.abc import Iterator

import msgspec

from sepconv_cli.importing.steps import Step


class Leaf(msgspec.Struct, frozen=True):
    """One step. `reads` are values it names; none where it reads what arrives.

    `is_even` where it could join branches: it reads each value once, and a sum those of its shape.
    """

    step: Step
    at: int
    name: str
    reads: tuple[int, ...] = ()
    is_even: bool = False

    @property
    def value(self) -> int:
        """What it hands out."""
        return self.at


class Group(msgspec.Struct, frozen=True):
    """The items of a module, under its name. `entry` is what arrives at it."""

    name: str
    kind: str
    items: tuple["Item", ...]
    reads: tuple[int, ...] = ()
    entry: int = -1

    @property
    def value(self) -> int:
        """What its last item hands out."""
        return self.items[-1].value


class Fork(msgspec.Struct, frozen=True):
    """Branches that all read what arrives, and the step that joins them.

    An empty one hands on what arrives. A sum of two is `matching` where it is there only if they
    have one shape; where they haven't, there is no step, and the first branch is what comes out.
    """

    merge: Leaf | None
    branches: tuple[tuple["Item", ...], ...]
    reads: tuple[int, ...] = ()
    matching: bool = False

    @property
    def value(self) -> int:
        """What the joining step hands out."""
        return self.merge.at if self.merge else self.branches[0][-1].value


Item = Leaf | Group | Fork


def parts(item: Item) -> tuple[tuple[Item, ...], ...]:
    """The lists in an item."""
    if isinstance(item, Leaf):
        return ()
    return (item.items,) if isinstance(item, Group) else item.branches


def leaves(item: Item) -> Iterator[Leaf]:
    """Every step in an item."""
    if isinstance(item, Leaf):
        yield item
    for part in parts(item):
        for each in part:
            yield from leaves(each)
    if isinstance(item, Fork) and item.merge:
        yield item.merge


def is_residual(item: Fork) -> bool:
    """Whether branches are a residual's: two that are added."""
    return item.merge is None or (item.merge.step.op.name == "add" and len(item.branches) == 2)
