"""What a model does, as ops in the order in which they ran: the common form of every source."""

import msgspec

from sepconv_cli.network import Op, Tensor


class Step(msgspec.Struct, frozen=True):
    """One op. `path` are the names of the modules that it ran in, the outermost first.

    `classes` are the classes of these modules. It reads the steps at the indices `sources`, -1 being
    the model's input. `y` is the shape that leaves it. `parameters` are the model's names of its
    parameters, in the order of the module that tracing builds from the op.
    """

    op: Op
    path: tuple[str, ...]
    classes: tuple[str, ...]
    sources: tuple[int, ...]
    y: Tensor
    parameters: tuple[str, ...] = ()


class Recorded(msgspec.Struct, frozen=True):
    """A whole model: the shape of its input, its steps, and those that it hands out."""

    name: str
    input: Tensor
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
