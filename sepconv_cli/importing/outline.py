"""Steps -> an outline: lists that follow the module tree, and branches where signals part and meet.

An item is a leaf (one step), a group (a module's items) or a branching; each hands out one value,
and reads what arrives at it unless it says otherwise. What can't be told as branches stays flat and
names what it reads.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from sepconv_cli.importing.steps import Recorded, Step
from sepconv_cli.language.layers import MERGES


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
    """The items of a module, under its name."""

    name: str
    kind: str
    items: tuple["Item", ...]
    reads: tuple[int, ...] = ()

    @property
    def value(self) -> int:
        """What its last item hands out."""
        return self.items[-1].value


class Fork(msgspec.Struct, frozen=True):
    """Branches that all read what arrives, and the step that joins them.

    An empty one hands on what arrives.
    """

    merge: Leaf
    branches: tuple[tuple["Item", ...], ...]
    reads: tuple[int, ...] = ()

    @property
    def value(self) -> int:
        """What the joining step hands out."""
        return self.merge.at


Item = Leaf | Group | Fork


def outline(recorded: Recorded) -> tuple[Item, ...]:
    """The items of a whole model."""
    users = _users(recorded)
    leaves = [
        (step.path[1:], step.classes[1:], step.visits[1:], _leaf(recorded, step, at))
        for at, step in enumerate(recorded.steps)
    ]
    return _structured(_grouped(leaves), -1, users)


def _leaf(recorded: Recorded, step: Step, at: int) -> Leaf:
    shapes = [recorded.steps[each].y if each >= 0 else recorded.input for each in step.sources]
    is_even = len(set(step.sources)) == len(shapes) and (
        step.op.name != "add" or set(shapes) == {step.y}
    )
    return Leaf(step, at, step.op.name, step.sources, is_even)


def _users(recorded: Recorded) -> dict[int, list[int]]:
    """Which steps read each value; one past the end stands for the model's own outputs."""
    found: dict[int, list[int]] = {}
    for at, step in enumerate(recorded.steps):
        for source in step.sources:
            found.setdefault(source, []).append(at)
    for value in recorded.outputs:
        found.setdefault(value, []).append(len(recorded.steps))
    return found


_Placed = tuple[tuple[str, ...], tuple[str, ...], tuple[int, ...], Leaf]


def _grouped(leaves: Sequence[_Placed]) -> list[Item]:
    """The leaves of one run of a module, as groups."""
    items: list[Item] = []
    start = 0
    while start < len(leaves):
        path, classes, visits, leaf = leaves[start]
        if not path:
            items.append(leaf)
            start += 1
            continue
        stop = start
        run = (path[:1], visits[:1])
        while stop < len(leaves) and (leaves[stop][0][:1], leaves[stop][2][:1]) == run:
            stop += 1
        inner = [(p[1:], c[1:], v[1:], each) for p, c, v, each in leaves[start:stop]]
        items.append(_group(path[0], classes[0], _grouped(inner)))
        start = stop
    return items


def _group(name: str, kind: str, items: list[Item]) -> Item:
    """A module of one op is that op, under the module's name."""
    if len(items) == 1:
        (only,) = items
        if isinstance(only, (Leaf, Group)):
            return msgspec.structs.replace(only, name=name)
    return Group(name, kind, tuple(items))


def _structured(
    items: Sequence[Item], arriving: int, users: dict[int, list[int]]
) -> tuple[Item, ...]:
    """The items with what they read worked out: nothing where it is what arrives."""
    done: list[Item] = []
    values = [arriving]
    for item in items:
        if isinstance(item, Group):
            entries = _outside(item)
            entry = entries.pop() if len(entries) == 1 else values[-1]
            inner = _structured(item.items, entry, users)
            item = Group(item.name, item.kind, inner, (entry,))
        fork = _fork(item, done, values, users) if isinstance(item, Leaf) else None
        if fork is not None:
            found, kept = fork
            done, values = [*done[:kept], found], [*values[: kept + 1], found.value]
            continue
        done.append(item)
        values.append(item.value)
    return tuple(_implied(done, arriving))


def _implied(items: Iterable[Item], arriving: int) -> Iterator[Item]:
    """The items, those that read what arrives without saying so."""
    for item in items:
        yield msgspec.structs.replace(item, reads=()) if item.reads == (arriving,) else item
        arriving = item.value


def _outside(item: Item) -> set[int]:
    """The values from outside that the steps of an item read."""
    inside = leaves(item)
    made = {leaf.at for leaf in inside}
    return {value for leaf in inside for value in leaf.step.sources} - made


def leaves(item: Item) -> list[Leaf]:
    """The steps of an item, the step that joins branches after them."""
    if isinstance(item, Leaf):
        return [item]
    if isinstance(item, Group):
        return [leaf for each in item.items for leaf in leaves(each)]
    return [leaf for branch in item.branches for each in branch for leaf in leaves(each)] + [
        item.merge
    ]


def _fork(
    merge: Leaf, done: Sequence[Item], values: Sequence[int], users: dict[int, list[int]]
) -> tuple[Fork, int] | None:
    """The branching that a merge ends, and how many items stand before it, if there is one."""
    op = merge.step.op
    if op.name not in MERGES or op != type(op)() or not merge.is_even:
        return None
    for kept in range(len(done), -1, -1):
        branches = _branches(merge, done[kept:], values[kept], users)
        if branches is not None:
            return Fork(merge, branches, (values[kept],)), kept
    return None


def _branches(
    merge: Leaf, items: Sequence[Item], origin: int, users: dict[int, list[int]]
) -> tuple[tuple[Item, ...], ...] | None:
    """The items cut into branches that start at `origin` and end in the merge, in its order."""
    branches: dict[int, list[Item]] = {}
    last = origin
    current: list[Item] = []
    for item in items:
        read = set(item.reads)
        if read == {origin}:
            if current:
                branches[last] = current
            current = []
        elif read != {last} or not current:
            return None
        current.append(item)
        last = item.value
    if current:
        branches[last] = current
    branches.setdefault(origin, [])
    if set(merge.reads) - branches.keys() or (branches.keys() - {origin}) - set(merge.reads):
        return None
    inside = {leaf.at for item in items for leaf in leaves(item)}
    allowed = inside | {merge.at}
    if any(user not in allowed for value in inside for user in users.get(value, ())):
        return None
    return tuple(tuple(_implied(branches[value], origin)) for value in merge.reads)
