"""What a model does, as ops in the order in which they ran: the common form of every source."""

import msgspec

from sepconv_cli.network import Op, Tensor


class Held(msgspec.Struct, frozen=True):
    """Where a parameter of an op has its values from.

    `learned` are the model's parameters that it is, or is made of; `name` is the parameter or
    buffer that it is, and `made` the tensor of the recorded pass where it was made of others.
    Where it is `turned`, a matrix stands there the other way round: inputs, then outputs. Those
    with one `recipe` were made of the same by the same calls.
    """

    learned: tuple[str, ...]
    name: str | None
    made: int | None = None
    turned: bool = False
    recipe: int | None = None


class Step(msgspec.Struct, frozen=True):
    """One op. `path` are the names of the modules that it ran in, the outermost first.

    A name has dots where lists of modules stand between two that ran. `classes` are the classes of
    these modules. It reads the steps at the indices `sources`, -1 being the model's input. `y` is
    the shape that leaves it. `held` are its parameters and buffers, in the order of the module that
    tracing builds from the op. `visits` tell the runs of the modules apart. `shares` is an earlier
    step that has the same parameters, `only` the name of the one that is the same where others
    aren't. `call` is the index of the recorded call that it comes from, and `tensor` the number of
    the tensor that it puts out, where the pass has seen it.
    """

    op: Op
    path: tuple[str, ...]
    classes: tuple[str, ...]
    sources: tuple[int, ...]
    y: Tensor
    held: tuple[Held, ...] = ()
    visits: tuple[int, ...] = ()
    shares: int | None = None
    only: str | None = None
    call: int | None = None
    tensor: int | None = None


class Recorded(msgspec.Struct, frozen=True):
    """A whole model: the shape of its input, its steps, and those that it hands out."""

    name: str
    input: Tensor
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]


def needed(recorded: Recorded) -> Recorded:
    """The same model without the steps that lead to no output, unless they cost something.

    A step that has parameters or does arithmetic has run, and other tools count it: where nothing
    reads it, it is one more output.
    """
    reached = set(recorded.outputs)
    more: list[int] = []
    for at in range(len(recorded.steps) - 1, -1, -1):
        if at not in reached and _costs(recorded, at):
            reached.add(at)
            more.append(at)
        if at in reached:
            reached.update(recorded.steps[at].sources)
    to = {-1: -1}
    kept: list[Step] = []
    for at, step in enumerate(recorded.steps):
        if at in reached:
            to[at] = len(kept)
            sources = tuple([to.get(source, source) for source in step.sources])
            kept.append(msgspec.structs.replace(step, sources=sources))
    outputs = tuple([to.get(at, at) for at in (*recorded.outputs, *reversed(more))])
    return Recorded(recorded.name, recorded.input, tuple(kept), outputs)


def _costs(recorded: Recorded, at: int) -> bool:
    """Whether a step has parameters, or does arithmetic."""
    step = recorded.steps[at]
    inputs = tuple(
        [recorded.steps[each].y if each >= 0 else recorded.input for each in step.sources]
    )
    work = step.op.work_on(inputs, step.y)
    return bool(step.op.parameters(inputs[0])) or any(each.amount for each in work)
