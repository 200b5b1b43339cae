"""Steps -> an outline: lists that follow the module tree, and branches where signals part and meet.

What can't be told as branches stays flat and names what it reads.
"""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from sepconv_cli.importing.steps import Recorded, Step
from sepconv_cli.importing.text.forks import Span, fork, implied
from sepconv_cli.importing.text.items import Fork, Group, Item, Leaf, leaves, parts
from sepconv_cli.importing.text.matching import with_matching

MAX_MODULES = 12
"""How deep modules may stand inside each other in an outline; deeper ones share one name."""

_LIST = "ModuleList"

_LastUses = dict[int, int]
"""The last step that reads each value; one past the end where the model hands it out."""


def outline(recorded: Recorded) -> tuple[Item, ...]:
    """The items of a whole model."""
    placed = [(_place(step), _leaf(recorded, step, at)) for at, step in enumerate(recorded.steps)]
    found = _structured(_grouped(placed), -1, _last_uses(recorded.steps, recorded.outputs))
    return with_matching(found, recorded)


def _leaf(recorded: Recorded, step: Step, at: int) -> Leaf:
    shapes = [recorded.steps[each].y if each >= 0 else recorded.input for each in step.sources]
    is_even = len(set(step.sources)) == len(shapes) and (
        step.op.name != "add" or set(shapes) == {step.y}
    )
    return Leaf(step, at, step.op.name, step.sources, is_even)


class _Run(NamedTuple):
    """One run of a module: its name in the one around it, its class, and which run it is."""

    name: str
    kind: str
    visit: int


def _place(step: Step) -> tuple[_Run, ...]:
    """The modules that a step stands in, without the model itself."""
    visits = step.visits or (0,) * len(step.path)
    places: list[_Run] = []
    for name, kind, visit in zip(step.path[1:], step.classes[1:], visits[1:], strict=True):
        *lists, own = name.split(".")
        # A list doesn't run.
        places += [*(_Run(each, _LIST, 0) for each in lists), _Run(own, kind, visit)]
    if len(places) > MAX_MODULES:
        deep = places[MAX_MODULES - 1 :]
        name = "_".join(each.name for each in deep)
        places[MAX_MODULES - 1 :] = [_Run(name, deep[0].kind, deep[0].visit)]
    return tuple(places)


def _last_uses(steps: Sequence[Step], outputs: Sequence[int]) -> _LastUses:
    found = {source: at for at, step in enumerate(steps) for source in step.sources}
    return found | dict.fromkeys(outputs, len(steps))


_Placed = tuple[tuple[_Run, ...], Leaf]


def _grouped(placed: Sequence[_Placed]) -> list[Item]:
    """The leaves of one run of a module, as groups."""
    items: list[Item] = []
    start = 0
    while start < len(placed):
        runs, leaf = placed[start]
        if not runs:
            items.append(leaf)
            start += 1
            continue
        stop = start
        name, kind, visit = runs[0]
        while stop < len(placed) and _is_in(placed[stop][0], name, visit):
            stop += 1
        inner = [(within[1:], each) for within, each in placed[start:stop]]
        items.append(_group(name, kind, _grouped(inner)))
        start = stop
    return items


def _is_in(runs: Sequence[_Run], name: str, visit: int) -> bool:
    return bool(runs) and runs[0].name == name and runs[0].visit == visit


def _group(name: str, kind: str, items: Sequence[Item]) -> Item:
    """A module of one op is that op, under the module's name; one of a list has the list's too."""
    only = items[0]
    if len(items) == 1 and not isinstance(only, Fork):
        return replace(only, name=f"{name}_{only.name}" if kind == _LIST else name)
    return Group(name, kind, tuple(items))


def _structured(items: Sequence[Item], arriving: int, last_uses: _LastUses) -> tuple[Item, ...]:
    """The items with what they read worked out: nothing where it is what arrives."""
    done: list[Span] = []
    for item in items:
        rest: Item | None = item
        if isinstance(item, Group) and isinstance(item.items[0], Leaf):
            rest = _without_merge(item, done, arriving, last_uses)
        elif isinstance(item, Leaf) and _joined(item, done, arriving, last_uses):
            rest = None
        if isinstance(rest, Group):
            rest = _module(rest, done[-1].item.value if done else arriving, last_uses)
        if rest is not None:
            done.append(_span(rest, last_uses))
    return tuple(implied((span.item for span in done), arriving))


def _span(item: Item, last_uses: _LastUses) -> Span:
    inside = list(leaves(item))
    made = {leaf.at for leaf in inside}
    read = {value for leaf in inside for value in leaf.step.sources} - made
    last_use = max((last_uses.get(value, -1) for value in made), default=-1)
    return Span(item, frozenset(made), frozenset(read), last_use, _forks(item))


def _forks(item: Item) -> int:
    """How many branchings stand inside each other in an item."""
    inside = [_forks(each) for part in parts(item) for each in part]
    return isinstance(item, Fork) + max(inside, default=0)


def _joined(merge: Leaf, done: list[Span], arriving: int, last_uses: _LastUses) -> bool:
    """Whether a leaf ends branches, which then stand as one item at the end of what is done."""
    found = fork(merge, done, arriving)
    if found is None:
        return False
    forked, kept = found
    del done[kept:]
    item = _growing(forked)
    made, read = frozenset([merge.at]), frozenset(forked.reads)
    done.append(Span(item, made, read, last_uses.get(merge.at, -1), _forks(item)))
    return True


def _without_merge(group: Group, done: list[Span], arriving: int, last_uses: _LastUses) -> Item:
    """A module that starts by joining what came before it, which then ends there.

    So do the layers of DenseNet.
    """
    first, *rest = group.items
    assert isinstance(first, Leaf)
    if len(first.step.sources) < 2 or not rest:
        return group
    others = _group(group.name, group.kind, rest)
    if _span(others, last_uses).read != {first.at}:
        return group
    return others if _joined(first, done, arriving, last_uses) else group


def _growing(forked: Fork) -> Item:
    """A module whose output is concatenated to its input does so itself, as layers of DenseNet."""
    full = [branch for branch in forked.branches if branch]
    if (
        not forked.merge
        or forked.merge.step.op.name != "concat"
        or len(full) != 1
        or len(full[0]) != 1
    ):
        return forked
    (module,) = full[0]
    if not isinstance(module, Group) or module.reads:
        return forked
    inside = replace(
        forked, branches=tuple([branch and module.items for branch in forked.branches]), reads=()
    )
    return replace(module, items=(inside,), reads=forked.reads)


def _module(group: Group, before: int, last_uses: _LastUses) -> Group:
    """The group with its items worked out, and what arrives at it."""
    outside = _span(group, last_uses).read
    first = next(leaves(group)).step.sources
    entry = before if before in outside or not first else first[0]
    items = _structured(group.items, entry, last_uses)
    return replace(group, items=items, reads=(entry,), entry=entry)
