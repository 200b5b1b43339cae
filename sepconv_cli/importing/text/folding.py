"""The recurring ones among the layers of a spec -> blocks, and equal calls in a row -> one.

Modules of one class whose layers are the same but for their numbers become one block; the numbers
that differ are its parameters.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from sepconv_cli.importing.text.levels import CONTAINERS, levelled, modules
from sepconv_cli.importing.text.lines import BlockLines, ItemLine
from sepconv_cli.importing.text.members import alike, block_of
from sepconv_cli.importing.text.single_use import without_single_uses
from sepconv_cli.language.blocks import RESERVED
from sepconv_cli.registry import names

MAX_NAME = 40


def folded(layers: Sequence[ItemLine]) -> tuple[tuple[BlockLines, ...], tuple[ItemLine, ...]]:
    """The blocks, those that others call first, and the layers that call them."""
    found = repeated(levelled(layers))
    blocks: list[BlockLines] = []
    taken = {*names("ops"), *RESERVED}
    for level in sorted({line.level for line in modules(found)}):
        calls: dict[int, ItemLine] = {}
        for members in alike(line for line in modules(found) if line.level == level):
            block, called = block_of(_block_name(members, taken), members)
            taken.add(block.name)
            blocks.append(block)
            calls.update(called)
        if calls:
            found = repeated(_replaced(found, calls))
    return without_single_uses(blocks, found)


def repeated(layers: Sequence[ItemLine]) -> tuple[ItemLine, ...]:
    """Equal layers in a row as one that repeats, where their names count up."""
    found: list[ItemLine] = []
    for line in layers:
        if line.lists:
            line = replace(line, lists=tuple([repeated(part) for part in line.lists]))
        if found and _follows(found[-1], line):
            times = found[-1].repeat
            assert isinstance(times, int)
            found[-1] = replace(found[-1], repeat=times + 1)
        else:
            found.append(line)
    return tuple(found)


def _follows(last: ItemLine, line: ItemLine) -> bool:
    """Whether a layer is the one before it again, under the next number."""
    if line.reads or line.weights is not None or line.repeat != 1 or not (last.name and line.name):
        return False
    first = last.name
    if not (first.isascii() and first.isdecimal() and first == str(int(first))):
        return False
    if line.name != str(int(first) + int(str(last.repeat))):
        return False
    return replace(line, name=first, repeat=last.repeat) == last


def _replaced(layers: Sequence[ItemLine], calls: Mapping[int, ItemLine]) -> tuple[ItemLine, ...]:
    """The layers with calls in the place of some of them."""
    found = []
    for line in layers:
        if id(line) in calls:
            line = calls[id(line)]
        elif line.lists:
            line = replace(line, lists=tuple([_replaced(part, calls) for part in line.lists]))
        found.append(line)
    return tuple(found)


def _block_name(members: Sequence[ItemLine], taken: set[str]) -> str:
    """A name for what these modules are, that no other block or op has."""
    kind = members[0].of
    wanted = _stem(members) if kind in CONTAINERS else _words(kind)
    wanted = wanted[:MAX_NAME]
    wanted = wanted if wanted.isidentifier() and wanted.isprintable() else "block"
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def _stem(members: Sequence[ItemLine]) -> str:
    """The name of a container's modules, without the number that tells them apart."""
    named = Counter((line.name or "").rstrip("0123456789").rstrip("_") for line in members)
    return named.most_common(1)[0][0].replace("-", "_") or "stage"


def _words(kind: str) -> str:
    """A class's name as a block's: SEModule as se_module, ConvNeXtBlock as convnext_block."""
    starts = r"(?<=[a-z0-9])(?=[A-Z]([a-z]{2}|[A-Z]))|(?<=[A-Z])(?=[A-Z][a-z]{2})"
    return re.sub(starts, "_", kind).lower().strip("_")
