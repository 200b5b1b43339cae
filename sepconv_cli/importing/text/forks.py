"""Where signals part and meet again: the branches that a merge joins, found from its end."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from sepconv_cli.importing.text.items import Fork, Item, Leaf
from sepconv_cli.language.layers import MERGES


class Span(msgspec.Struct, frozen=True):
    """An item with the values that it makes, those that it reads, and the last step that reads
    one of those that it makes. `forks` is how many branchings stand inside each other in it."""

    item: Item
    made: frozenset[int]
    read: frozenset[int]
    last_use: int
    forks: int = 0


MAX_FORKS = 4
"""How deep branchings may stand inside each other; what is deeper names what it reads."""

MAX_ITEMS = 100
"""How many items branches may have; a skip over more names what it reads, too."""


def fork(merge: Leaf, done: Sequence[Span], arriving: int) -> tuple[Fork, int] | None:
    """The branching that a merge ends, and how many items stand before it, if there is one.

    `arriving` arrives at the first of the items.
    """
    op = merge.step.op
    if op.name not in MERGES or op != type(op)() or not merge.is_even:
        return None
    missing = set(merge.reads)
    for kept in range(len(done) - 1, max(-1, len(done) - 1 - MAX_ITEMS), -1):
        span = done[kept]
        if span.last_use > merge.at or span.forks >= MAX_FORKS:
            # What is read elsewhere can't stand in a branch, nor in a longer one.
            return None
        missing -= span.made
        missing |= span.read
        origin = done[kept - 1].item.value if kept else arriving
        if missing == {origin}:
            branches = _branches(merge, done[kept:], origin)
            return (Fork(merge, branches, (origin,)), kept) if branches else None
    return None


def _branches(
    merge: Leaf, spans: Sequence[Span], origin: int
) -> tuple[tuple[Item, ...], ...] | None:
    """The items cut into branches that start at `origin` and end in the merge, in its order.

    Items of one branch read that and each other.
    """
    home: dict[int, int] = {}
    parts: dict[int, list[int]] = {}
    for at, span in enumerate(spans):
        near = {home[value] for value in span.read if value != origin}
        parts[at] = [each for part in near for each in parts.pop(part)] + [at]
        home.update((value, at) for each in parts[at] for value in spans[each].made)
    ends = {spans[at].item.value: sorted(part) for at, part in parts.items()}
    if sorted(ends) != sorted(value for value in merge.reads if value != origin):
        return None
    return tuple(
        tuple(implied((spans[at].item for at in ends.get(value, ())), origin))
        for value in merge.reads
    )


def implied(items: Iterable[Item], arriving: int) -> Iterator[Item]:
    """The items, those that read what arrives without saying so."""
    for item in items:
        yield replace(item, reads=()) if item.reads == (arriving,) else item
        arriving = item.value
