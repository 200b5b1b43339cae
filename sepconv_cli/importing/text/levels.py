"""In which order modules are folded: all of a class at once, and what stands inside them before."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from sepconv_cli.importing.text.lines import ItemLine

CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict"})


def levelled(layers: Sequence[ItemLine]) -> tuple[ItemLine, ...]:
    """The layers with a level for each module, over those of all that stand inside it."""
    levels = _Levels(layers)

    def walk(part: Sequence[ItemLine]) -> tuple[ItemLine, ...]:
        return tuple(
            [
                replace(
                    line,
                    level=levels.of(line) if line.kind == "layers" else 0,
                    lists=tuple([walk(inside) for inside in line.lists]),
                )
                if line.lists
                else line
                for line in part
            ]
        )

    return walk(layers)


class _Levels:
    """Levels of modules: that of a container is its own, all of another class have the same."""

    def __init__(self, layers: Sequence[ItemLine]) -> None:
        self._members: dict[str, list[ItemLine]] = {}
        for line in modules(layers):
            self._members.setdefault(line.of, []).append(line)
        self._known: dict[int | str, int] = {}
        self._open: set[str] = set()

    def of(self, line: ItemLine) -> int:
        """The level of a module."""
        # A class that stands inside itself can't have one level.
        by_itself = line.of in CONTAINERS or line.of in self._open
        key: int | str = id(line) if by_itself else line.of
        if key not in self._known:
            members = [line] if by_itself else self._members[line.of]
            if not by_itself:
                self._open.add(line.of)
            self._known[key] = 1 + max((self._below(each) for each in members), default=0)
            self._open.discard("" if by_itself else line.of)
        return self._known[key]

    def _below(self, line: ItemLine) -> int:
        inside = (each for part in line.lists for each in _nearest(part))
        return max(map(self.of, inside), default=0)


def modules(layers: Sequence[ItemLine]) -> Iterator[ItemLine]:
    """Every module in these layers, what stands inside another before that."""
    for line in layers:
        for inside in line.lists:
            yield from modules(inside)
        if line.kind == "layers":
            yield line


def _nearest(layers: Sequence[ItemLine]) -> Iterator[ItemLine]:
    """The modules in these layers that stand in no other."""
    for line in layers:
        if line.kind == "layers":
            yield line
        else:
            for inside in line.lists:
                yield from _nearest(inside)
