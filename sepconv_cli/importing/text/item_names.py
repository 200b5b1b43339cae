"""The names of an outline's items in the lowered network, and how layers say them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from sepconv_cli.importing.text.items import Fork, Group, Item, Leaf, is_residual, leaves, parts
from sepconv_cli.importing.text.owners import owners
from sepconv_cli.lowering.naming import numbered
from sepconv_cli.lowering.wiring import INPUT, prefixes

MODEL_INPUT = "model_input"
"""The layer that names the model's input for modules at which something else arrives."""


class ItemNames:
    """The name of every value and layer, no two in a list alike.

    `own` is what an item is called in its list, None where the language names it by its kind.
    `layers` are the full names of the nodes that the steps become. `input_is_read` where a layer
    with the name MODEL_INPUT is needed.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self._given = set(_given(items))
        self._renamed: set[int] = set()
        self._name(items)
        while hidden := self._hidden():
            self._renamed |= hidden
            self._name(items)

    def _name(self, items: Sequence[Item]) -> None:
        self.own: dict[int, str | None] = {}
        self.layers: dict[int, str] = {}
        self.input_is_read = False
        self._full: dict[int, str] = {-1: MODEL_INPUT}
        self._reads: dict[int, tuple[str, tuple[int, ...]]] = {}
        self._arriving = {"": -1}
        self._known = {MODEL_INPUT}
        self._items: list[Item] = []
        self._of_item: dict[int, str] = {}
        self._walk(items, "", _RESERVED)
        self._owners = owners(self._items)

    def weights(self, item: Item) -> str | None:
        """The name of the item whose parameters this one uses, or of one of its parameters."""
        if id(item) not in self._owners:
            return None
        owner, only = self._owners[id(item)]
        name = self._of_item[id(owner)]
        return name if only is None else f"{name}.{only}"

    def reads(self, item: Item) -> tuple[str, ...]:
        """What an item says that it reads, each as short as it may be."""
        prefix, values = self._reads[id(item)]
        return tuple([self._said(value, prefix) or self._full[value] for value in values])

    def full(self, value: int) -> str:
        """The full name of a value."""
        return self._full[value] if value >= 0 else INPUT

    def _hidden(self) -> set[int]:
        """Values that are read where another layer stands nearer by every name that they have."""
        return {
            value
            for prefix, values in self._reads.values()
            for value in values
            if self._said(value, prefix) is None
        }

    def reach(self, item: Item) -> int:
        """How many modules around an item what it reads lies outside of, at most."""
        prefix, values = self._reads[id(item)]
        modules = [each for each in prefixes(prefix) if each and each in self._arriving]
        outside = [0]
        for value in values:
            said = self._said(value, prefix)
            if said != INPUT:
                place = self._full[value][: -len(said or "")]
                outside.append(sum(len(each) > len(place) for each in modules))
        return max(outside)

    def _said(self, value: int, prefix: str) -> str | None:
        """The shortest name that means the value to a layer of the list with that prefix."""
        around = list(prefixes(prefix))
        if self._arriving[next(each for each in around if each in self._arriving)] == value:
            return INPUT
        self.input_is_read |= value < 0
        full = self._full[value]
        for nearest in around:
            said = full.removeprefix(nearest)
            if full.startswith(nearest) and nearest == next(
                (each for each in around if each + said in self._known), None
            ):
                return said
        return None

    def _walk(self, items: Sequence[Item], prefix: str, reserved: frozenset[str]) -> None:
        """Name the items of a list: a name that was given before gets a number."""
        taken = set(reserved)
        bases = [self._base(item, taken, reserved) for item in items]
        for item, (name,) in zip(items, numbered(bases, [1] * len(bases)), strict=True):
            full = self._of_item[id(item)] = prefix + name
            self._items.append(item)
            if isinstance(item, Group):
                self._arriving[f"{full}."] = item.entry
            for label, inside in lists(item):
                in_sum = isinstance(item, Fork) and is_residual(item) and not label
                self._walk(inside, f"{full}.{label}", _IN_SUM if in_sum else _RESERVED)
            self._reads[id(item)] = (prefix, item.reads)
            self._full[item.value] = full
            self._known.add(full)
            if isinstance(item, Leaf):
                self.layers[item.at] = full
            elif isinstance(item, Fork) and item.merge:
                self.layers[item.merge.at] = f"{full}.{item.merge.step.op.name}"

    def _base(self, item: Item, taken: set[str], reserved: frozenset[str]) -> str:
        """An item's name, or its kind where it has no name of its own."""
        name = kind = item_kind(item)
        if not isinstance(item, Fork):
            name = _sayable(item.name) or kind
        if item.value in self._renamed:
            free = (f"{name}_at_{n}" for n in count(item.value))
            name = next(each for each in free if each not in self._given)
        if name in taken and (name != kind or name in reserved or isinstance(item, Group)):
            name = next(each for n in count(2) if (each := f"{name}_{n}") not in taken)
        # A module has a name in any case, since that may be all that tells it from others.
        is_own = name != kind or isinstance(item, Group)
        if is_own:
            taken.add(name)
        self.own[id(item)] = name if is_own else None
        return name


_RESERVED = frozenset({INPUT, MODEL_INPUT})
# Beside the layers of a residual, these stand for its other branch and its sum.
_IN_SUM = _RESERVED | {"shortcut", "add"}


def _given(items: Iterable[Item]) -> Iterator[str]:
    """The names of all modules."""
    for item in items:
        if not isinstance(item, Fork):
            yield _sayable(item.name)
        for part in parts(item):
            yield from _given(part)


def _sayable(name: str) -> str:
    """A name with underscores for what a name can't have."""
    return "".join([each if _fits(each) else "_" for each in name])


def _fits(character: str) -> bool:
    return character == "-" or (f"_{character}".isidentifier() and character.isprintable())


def lists(item: Item) -> Iterator[tuple[str, Sequence[Item]]]:
    """The lists in an item as they are written, each with what stands before its layers' names."""
    if isinstance(item, Group):
        yield "", item.items
    elif isinstance(item, Fork) and is_residual(item):
        # The shortcut is the shorter one.
        ordered = sorted(
            item.branches, key=lambda part: -sum(1 for each in part for _ in leaves(each))
        )
        yield from zip(("", "shortcut."), ordered, strict=True)
    elif isinstance(item, Fork):
        yield from ((f"branch_{n}.", branch) for n, branch in enumerate(item.branches, 1))


def item_kind(item: Item) -> str:
    """What the language calls a layer like that."""
    if isinstance(item, Leaf):
        return item.step.op.name
    return "layers" if isinstance(item, Group) else "residual" if is_residual(item) else "parallel"
