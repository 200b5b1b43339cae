"""Lists that are concatenated again each time they have grown: each time only what is new.

Concatenating a, b and c is concatenating c to what a and b were concatenated to. DenseNet joins
all that came before each of its layers in this way.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from sepconv_cli.importing.steps import Recorded, Step


def with_running_concats(recorded: Recorded) -> Recorded:
    """The same model, its concatenations reading what has been concatenated before as one."""
    known: dict[tuple[int, ...], int] = {}
    found = []
    for at, step in enumerate(recorded.steps):
        if step.op.name == "concat":
            listed = step.sources
            step = _shortened(step, recorded.steps, known)
            known.setdefault(listed, at)
        found.append(step)
    return replace(recorded, steps=tuple(found))


def _shortened(step: Step, steps: Sequence[Step], known: dict[tuple[int, ...], int]) -> Step:
    for end in range(len(step.sources) - 1, 1, -1):
        earlier = known.get(step.sources[:end])
        if earlier is not None and steps[earlier].op == step.op:
            return replace(step, sources=(earlier, *step.sources[end:]))
    return step
