"""Modules of one class that add what arrives where its shape is that of what they make.

Where some modules of a class have such a sum and others have the same layers without it, all of
them say so in one way, so that one block can stand for them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from sepconv_cli.importing.steps import Recorded
from sepconv_cli.importing.text.items import Fork, Group, Item, Leaf, is_residual, parts

_Form = Any
_Place = tuple[int, int]
"""Where in a list the layers of a residual start and stop."""


def with_matching(items: Sequence[Item], recorded: Recorded) -> tuple[Item, ...]:
    """The items, such modules with a residual that is `matching`."""
    summed: dict[_Form, _Place] = {}
    groups = list(_groups(items))
    for group in groups:
        place = _sum(group)
        if place is not None:
            summed[_form_without(group)] = place
    places: dict[int, _Place] = {}
    ready: set[_Form] = set()
    for group in groups:
        form = _form(group)
        if form in summed and _changes_shape(group, summed[form], recorded):
            places[id(group)] = summed[form]
            ready.add(form)
    for group in groups:
        if ready and _sum(group) is not None and (form := _form_without(group)) in ready:
            places[id(group)] = summed[form]
    return tuple([_rewritten(item, places) for item in items]) if places else tuple(items)


def _groups(items: Iterable[Item]) -> Iterator[Group]:
    for item in items:
        for part in parts(item):
            yield from _groups(part)
        if isinstance(item, Group):
            yield item


def _sum(group: Group) -> _Place | None:
    """Where the layers of the only residual with a plain shortcut stand, once it is taken away."""
    found = [
        (at, at + len(item.branches[0] or item.branches[1]))
        for at, item in enumerate(group.items)
        if isinstance(item, Fork) and is_residual(item) and not all(item.branches)
    ]
    return found[0] if len(found) == 1 else None


def _form(item: Item) -> _Form:
    """What modules have in common that differ in nothing but numbers."""
    if isinstance(item, Leaf):
        return item.name, item.step.op.name
    if isinstance(item, Group):
        return item.kind, tuple([_named(each) for each in item.items])
    inside = tuple([tuple([_named(each) for each in part]) for part in item.branches])
    return item.merge and item.merge.step.op.name, inside


def _named(item: Item) -> _Form:
    return "" if isinstance(item, Fork) else item.name, _form(item)


def _form_without(group: Group) -> _Form:
    """The form that a module with a sum would have without it."""
    listed: list[Item] = []
    for item in group.items:
        if isinstance(item, Fork) and is_residual(item) and not all(item.branches):
            listed += item.branches[0] or item.branches[1]
        else:
            listed.append(item)
    return group.kind, tuple([_named(each) for each in listed])


def _changes_shape(group: Group, place: _Place, recorded: Recorded) -> bool:
    """Whether the layers there can't be added to what arrives at them, which they read as it is."""
    start, stop = place
    arriving = group.items[start - 1].value if start else group.entry
    last = group.items[stop - 1].value
    x = recorded.input if arriving < 0 else recorded.steps[arriving].y
    return recorded.steps[last].y != x and not group.items[start].reads


def _rewritten(item: Item, places: Mapping[int, _Place]) -> Item:
    if isinstance(item, Leaf):
        return item
    if isinstance(item, Fork):
        branches = [tuple([_rewritten(each, places) for each in part]) for part in item.branches]
        return replace(item, branches=tuple(branches))
    inside = [_rewritten(each, places) for each in item.items]
    if id(item) in places:
        start, stop = places[id(item)]
        first = inside[start]
        if _sum(item) is not None:
            assert isinstance(first, Fork)
            inside[start] = replace(first, matching=True)
        else:
            inside[start:stop] = [Fork(None, (tuple(inside[start:stop]), ()), (), True)]
    return replace(item, items=tuple(inside))
