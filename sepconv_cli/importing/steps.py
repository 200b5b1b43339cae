"""What a model does, as ops in the order in which they ran: the common form of every source."""

import msgspec

from sepconv_cli.network import Op, Tensor


class Held(msgspec.Struct, frozen=True):
    """Where a parameter of an op has its values from.

    `learned` are the model's parameters that it is, or is made of; `name` is the parameter or
    buffer that it is, and `made` the tensor of the recorded pass where it was made of others.
    Where it is `turned`, a matrix stands there the other way round: inputs, then outputs.
    """

    learned: tuple[str, ...]
    name: str | None
    made: int | None = None
    turned: bool = False


class Step(msgspec.Struct, frozen=True):
    """One op. `path` are the names of the modules that it ran in, the outermost first.

    `classes` are the classes of these modules. It reads the steps at the indices
    `sources`, -1 being the model's input. `y` is the shape that leaves it. `held` are its
    parameters and buffers, in the order of the module that tracing builds from the op.
    `call` is the index of the recorded call that it comes from, and `tensor` the number of the
    tensor that it puts out, where the pass has seen it.
    """

    op: Op
    path: tuple[str, ...]
    classes: tuple[str, ...]
    sources: tuple[int, ...]
    y: Tensor
    held: tuple[Held, ...] = ()
    call: int | None = None
    tensor: int | None = None


class Recorded(msgspec.Struct, frozen=True):
    """A whole model: the shape of its input, its steps, and those that it hands out."""

    name: str
    input: Tensor
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]


def needed(recorded: Recorded) -> Recorded:
    """The same model without the steps that lead to none of its outputs."""
    reached = set(recorded.outputs)
    for at in range(len(recorded.steps) - 1, -1, -1):
        if at in reached:
            reached.update(recorded.steps[at].sources)
    to = {-1: -1}
    kept: list[Step] = []
    for at, step in enumerate(recorded.steps):
        if at in reached:
            to[at] = len(kept)
            sources = tuple([to.get(source, source) for source in step.sources])
            kept.append(msgspec.structs.replace(step, sources=sources))
    outputs = tuple([to.get(at, at) for at in recorded.outputs])
    return Recorded(recorded.name, recorded.input, tuple(kept), outputs)
