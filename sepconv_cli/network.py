"""The network that everything counts: a graph of primitive ops with their shapes.

`Tensor`, `Op`, `Node` and `Network` are frozen values. `verify` recomputes every
shape with the rule that built it. How a network comes to be is in lower.py and
variants/; what it costs is in cost/ and trace/.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import prod
from typing import Any, ClassVar, Literal

import msgspec

from sepconv_cli.errors import Complaint
from sepconv_cli.registry import snake_case

Kind = Literal["multiply_add", "multiply", "add", "compare", "divide", "transcendental"]
Role = Literal["kernel", "bias", "norm", "activation", "pool", "merge"]
Call = tuple[str, dict[str, Any]]


class Tensor(msgspec.Struct, frozen=True):
    """The shape of one sample: channels, then the size on each spatial axis."""

    channels: int
    size: tuple[int, ...] = ()

    @property
    def elements(self) -> int:
        """How many numbers one sample holds."""
        return self.channels * prod(self.size)

    @property
    def axes(self) -> tuple[int, ...]:
        """The length of every axis, that of the channels first."""
        return (self.channels, *self.size)

    @staticmethod
    def of(axes: Sequence[int]) -> "Tensor":
        """The shape with these axes, of which there is at least one."""
        return Tensor(axes[0], tuple(axes[1:]))

    def __str__(self) -> str:
        return "x".join(str(axis) for axis in self.axes)


Window = tuple[tuple[int, ...], tuple[int | Fraction, ...]]
"""A span and a step for each spatial axis, in input positions; a single one is for all axes."""

NOTHING: Window = ((), ())
"""The window of an op that ignores its input."""

Inputs = tuple[Tensor, ...]
"""The shapes that arrive at an op, of which there is at least one."""


class Work(msgspec.Struct, frozen=True):
    """An amount of one kind of arithmetic, done in one role. What it weighs is a convention's."""

    kind: Kind
    role: Role
    amount: int


class Op(msgspec.Struct, frozen=True, kw_only=True, tag=snake_case):
    """A primitive operation: a record whose fields are its keys in a spec.

    The methods are formulas on shapes and import nothing heavy. They never branch
    on a dimension, so that they also run on symbols: what needs an `if` is said by `check`.
    """

    uncounted: ClassVar[frozenset[str]] = frozenset()
    """Operators of the traced call that hold no multiplications and that fvcore leaves out."""

    multiplies: ClassVar[bool] = False
    """Whether the output counts as activations: that of a convolution or a linear layer."""

    elementwise: ClassVar[bool] = False
    """Whether each element is made of those at its position alone, and may be written over one."""

    is_view: ClassVar[bool] = False
    """Whether the output is the input's elements as they stand, so that nothing is moved."""

    rearranges: ClassVar[bool] = False
    """Whether it is a view in whose order elements don't stand in memory: reshaping copies them."""

    is_opaque: ClassVar[bool] = False
    """Whether nobody can tell what it does, so that no convention counts it."""

    needs_sample: ClassVar[bool] = False
    """Whether torch can't run the op on a batch of zero samples, so that tracing takes one."""

    @property
    def name(self) -> str:
        """The op's name in a spec."""
        return str(self.__struct_config__.tag)

    def check(self, x: Tensor) -> Iterator[Complaint]:
        """What is wrong with these fields for an input of that shape."""
        yield from ()

    def output_shape(self, x: Tensor) -> Tensor:
        """The shape that leaves the op."""
        return x

    def parameters(self, x: Tensor) -> int:
        """Learnable parameters."""
        return 0

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        """The arithmetic for one sample of input shape x and output shape y."""
        yield from ()

    def activations(self, x: Tensor, y: Tensor) -> int:
        """The elements that convolutions, linear layers and matrix products put out."""
        return y.elements if self.multiplies else 0

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        """The torch.nn modules that do the same, in order: class names and keyword arguments."""
        raise NotImplementedError

    def inside(self, x: Tensor) -> int:
        """Elements that the op holds while it runs, beside its inputs and its output."""
        return 0

    def window(self) -> Window | None:
        """How far one output position reaches into the input, and how far apart two such are.

        None where it sees the whole input.
        """
        return (1,), (1,)

    def check_inputs(self, inputs: Inputs) -> Iterator[Complaint]:
        """`check` for any number of inputs; all but a merge read one."""
        if len(inputs) > 1:
            shapes = " and ".join(str(x) for x in inputs)
            yield Complaint(f"{self.name} reads one input, but {shapes} arrive")
        yield from self.check(inputs[0])

    def shape_of(self, inputs: Inputs) -> Tensor:
        """`output_shape` for any number of inputs."""
        return self.output_shape(inputs[0])

    def work_on(self, inputs: Inputs, y: Tensor) -> Iterator[Work]:
        """`work` for any number of inputs."""
        yield from self.work(inputs[0], y)

    def activations_on(self, inputs: Inputs, y: Tensor) -> int:
        """`activations` for any number of inputs."""
        return self.activations(inputs[0], y)

    def window_on(self, inputs: Inputs) -> Window | None:
        """`window` for any number of inputs."""
        return self.window()

    def inside_on(self, inputs: Inputs) -> int:
        """`inside` for any number of inputs."""
        return self.inside(inputs[0])


class Node(msgspec.Struct, frozen=True):
    """One op in its place. `layer` is the layer of the spec that it belongs to.

    It reads the nodes at the indices `sources`, -1 being the network's input; None is the
    node before. `x` is what arrives from the first of them, `others` from the rest.
    """

    name: str
    layer: str
    op: Op
    x: Tensor
    y: Tensor
    rewrite: bool = True
    others: Inputs = ()
    sources: tuple[int, ...] | None = None

    @property
    def inputs(self) -> Inputs:
        """Every shape that arrives."""
        return (self.x, *self.others)

    def reads(self, index: int) -> tuple[int, ...]:
        """The indices of what the node reads, when it stands at that index itself."""
        return (index - 1,) if self.sources is None else self.sources


class Network(msgspec.Struct, frozen=True):
    """Nodes in the order in which they run; the last one's output is the network's."""

    input: Tensor
    nodes: tuple[Node, ...]


def verify(network: Network) -> None:
    """Recompute every shape. Raises ValueError where a node doesn't fit those that it reads."""
    shapes: list[Tensor] = []
    for index, node in enumerate(network.nodes):
        arriving = tuple(network.input if at < 0 else shapes[at] for at in node.reads(index))
        if node.inputs != arriving:
            found = f"reads {_show(node.inputs)}, but {_show(arriving)} arrives"
            raise ValueError(f"{node.name}: {found}")
        shape = node.op.shape_of(arriving)
        if node.y != shape:
            raise ValueError(f"{node.name}: writes {node.y}, but its op makes {shape}")
        shapes.append(shape)


def _show(shapes: Inputs) -> str:
    return " and ".join(str(shape) for shape in shapes)
