"""Blocks that one layer alone calls, once: their layers stand better where they are called."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from sepconv_cli.importing.text.lines import BlockLines, ItemLine, Parameter, SpecData


def without_single_uses(
    blocks: Sequence[BlockLines], layers: Sequence[ItemLine]
) -> tuple[tuple[BlockLines, ...], tuple[ItemLine, ...]]:
    """The blocks and layers, every block that stands in one place alone written out there."""
    known = {block.name: block for block in blocks}
    calls = [line for part in (layers, *(b.layers for b in blocks)) for line in _every(part)]
    times = Counter(line.kind for line in calls)
    inlined = {
        line.kind: known[line.kind]
        for line in calls
        if line.kind in known and times[line.kind] == 1 and line.repeat == 1
        # A call that leaves out what a layer needs calls a block without that layer.
        if None not in line.fields.values()
    }
    kept = [block for block in blocks if block.name not in inlined]
    return (
        tuple([replace(block, layers=_written_out(block.layers, inlined)) for block in kept]),
        _written_out(layers, inlined),
    )


def _every(layers: Sequence[ItemLine]) -> Iterator[ItemLine]:
    for line in layers:
        yield line
        for part in line.lists:
            yield from _every(part)


def _written_out(
    layers: Sequence[ItemLine], inlined: Mapping[str, BlockLines]
) -> tuple[ItemLine, ...]:
    found = []
    for line in layers:
        block = inlined.get(line.kind)
        if block is not None:
            body = _with_values(block.layers, line.fields)
            line = replace(line, kind="layers", fields={}, lists=(body,))
        if line.lists:
            line = replace(line, lists=tuple([_written_out(part, inlined) for part in line.lists]))
        found.append(line)
    return tuple(found)


def _with_values(
    layers: Sequence[ItemLine], values: Mapping[str, SpecData]
) -> tuple[ItemLine, ...]:
    """The layers with values in the place of parameters."""

    def value(written: SpecData) -> SpecData:
        if isinstance(written, list):
            return [value(each) for each in written]
        return written.of(values[written.name]) if isinstance(written, Parameter) else written

    return tuple(
        [
            replace(
                line,
                when=value(line.when),
                repeat=value(line.repeat),
                fields={field: value(each) for field, each in line.fields.items()},
                lists=tuple([_with_values(part, values) for part in line.lists]),
            )
            for line in layers
        ]
    )
