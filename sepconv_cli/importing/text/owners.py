"""Which items of an outline use the parameters of others that are written above them."""

from collections.abc import Iterator, Mapping, Sequence

from sepconv_cli.importing.shared import held_key
from sepconv_cli.importing.text.items import Group, Item, Leaf, leaves

Owner = tuple[Item, str | None]
"""An item whose parameters another one uses, and the name of one where it isn't all of them."""


def owners(items: Sequence[Item]) -> dict[int, Owner]:
    """By its identity, each item that uses the parameters of one above it, and that one.

    `items` are all of an outline, each before those inside it. A module that has all that another
    one has uses it as a whole, and nothing inside it does so by itself.
    """
    of_leaves = _owners_of_leaves([item for item in items if isinstance(item, Leaf)])
    if not of_leaves:
        return {}
    order = {id(item): at for at, item in enumerate(items)}
    modules: dict[object, Group] = {}
    found: dict[int, Owner] = {}
    told: set[int] = set()
    for item in items:
        if isinstance(item, Leaf) and item.at in of_leaves and id(item) not in told:
            found[id(item)] = of_leaves[item.at]
        if not isinstance(item, Group) or id(item) in told:
            continue
        holding = [leaf for leaf in leaves(item) if _learns(leaf)]
        holding.sort(key=lambda leaf: order[id(leaf)])
        has = tuple([tuple(map(held_key, leaf.step.held)) for leaf in holding])
        if not all(leaf.at in of_leaves for leaf in holding):
            modules.setdefault(has, item)
        elif has in modules:
            found[id(item)] = modules[has], None
            told.update(map(id, _inside(item)))
    return found


def _owners_of_leaves(written: Sequence[Leaf]) -> dict[int, Owner]:
    """By step, the leaf whose parameters each leaf uses: one above it, which may have run later."""
    steps = {leaf.at: leaf for leaf in written}
    seen: set[int] = set()
    first: dict[int, Leaf] = {}
    found: dict[int, Owner] = {}
    for leaf in filter(_learns, written):
        root = _root(leaf, steps)
        shares = leaf.step.shares
        if shares is not None and shares in seen:
            found[leaf.at] = steps[shares], leaf.step.only
        elif root in first:
            found[leaf.at] = first[root], leaf.step.only or first[root].step.only
        first.setdefault(root, leaf)
        seen.add(leaf.at)
    return found


def _root(leaf: Leaf, steps: Mapping[int, Leaf]) -> int:
    """The step that had the parameters before all others."""
    while leaf.step.shares is not None:
        leaf = steps[leaf.step.shares]
    return leaf.at


def _learns(leaf: Leaf) -> bool:
    return any(held.learned for held in leaf.step.held)


def _inside(item: Item) -> Iterator[Item]:
    """Every item in an item."""
    if isinstance(item, Leaf):
        return
    for part in (item.items,) if isinstance(item, Group) else item.branches:
        for each in part:
            yield each
            yield from _inside(each)
