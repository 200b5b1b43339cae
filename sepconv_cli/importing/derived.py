"""Parameters that pass through functions before a layer uses them: how many each layer has.

A table that is read by an index, weights that are standardised, an input projection in three parts:
what a layer uses has other elements than the parameters that it is made of. Each is counted once.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from sepconv_cli.importing.shared import with_shares
from sepconv_cli.importing.steps import Recorded, Step
from sepconv_cli.network import Tensor
from sepconv_cli.ops.further_parameters import FurtherParameters
from sepconv_cli.ops.learned import Learned


def with_all_parameters(recorded: Recorded, elements: Mapping[str, int]) -> Recorded:
    """The same model, whose layers have the parameters that theirs are made of.

    `elements` are those of each parameter by name.
    """
    steps = list(recorded.steps)
    counts = [step.op.parameters(_read(recorded, step)) for step in steps]
    added: dict[int, int] = {}
    for group in _groups(recorded):
        names = {name for at in group for held in steps[at].held for name in held.learned}
        missing = sum(elements[name] for name in names) - sum(counts[at] for at in group)
        tables = [at for at in group if isinstance(steps[at].op, Learned)]
        if missing and tables:
            rest = missing + sum(counts[at] for at in tables)
            for at in tables:
                steps[at] = _made_of(steps[at], max(rest, 0))
                rest = 0
        elif missing > 0:
            added[group[0]] = missing
    return _inserted(msgspec.structs.replace(recorded, steps=tuple(steps)), added)


def _groups(recorded: Recorded) -> list[list[int]]:
    """The steps that have parameters in common with something that is made of them.

    What uses the very parameters of an earlier step has none of its own.
    """
    steps = recorded.steps
    derived = {
        name
        for step in steps
        for held in step.held
        if held.made is not None
        for name in held.learned
    }
    group_of: dict[str, list[int]] = {}
    shared = with_shares(recorded).steps if derived else steps
    for at, step in enumerate(steps):
        names = [name for held in step.held for name in held.learned]
        if derived.isdisjoint(names) or shared[at].shares is not None:
            continue
        group = _joined(group_of[name] for name in names if name in group_of)
        group.append(at)
        group_of.update(dict.fromkeys((*names, *_names(steps, group)), group))
    return list({id(group): sorted(group) for group in group_of.values()}.values())


def _joined(groups: Iterable[list[int]]) -> list[int]:
    return sorted({at for group in groups for at in group})


def _names(steps: Sequence[Step], group: Sequence[int]) -> list[str]:
    return [name for at in group for held in steps[at].held for name in held.learned]


def _read(recorded: Recorded, step: Step) -> Tensor:
    at = step.sources[0]
    return recorded.steps[at].y if at >= 0 else recorded.input


def _made_of(step: Step, count: int) -> Step:
    op = msgspec.structs.replace(step.op, made_of=count)
    return msgspec.structs.replace(step, op=op)


def _inserted(recorded: Recorded, added: Mapping[int, int]) -> Recorded:
    """With a step before each of these, that has so many parameters."""
    if not added:
        return recorded
    to: dict[int, int] = {}
    steps: list[Step] = []
    for at, step in enumerate(recorded.steps):
        sources = tuple(to.get(source, source) for source in step.sources)
        if at in added:
            first = sources[0]
            y = steps[first].y if first >= 0 else recorded.input
            op = FurtherParameters(count=added[at])
            steps.append(Step(op, step.path, step.classes, (first,), y))
            sources = (len(steps) - 1, *sources[1:])
        to[at] = len(steps)
        steps.append(msgspec.structs.replace(step, sources=sources))
    outputs = tuple(to.get(at, at) for at in recorded.outputs)
    return msgspec.structs.replace(recorded, steps=tuple(steps), outputs=outputs)
