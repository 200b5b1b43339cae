"""The network that everything counts: a graph of primitive ops with their shapes.

`Tensor`, `Op`, `Node` and `Network` are frozen values. `verify` recomputes every
shape with the rule that built it. How a network comes to be is in lower.py and
variants/; what it costs is in cost/ and trace/.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from math import gcd, prod
from typing import Any, ClassVar, Literal

import msgspec
from msgspec.structs import force_setattr, replace

from sepconv_cli.errors import Complaint
from sepconv_cli.registry import snake_case

DType = Literal["float32", "float16", "int8"]
BYTES: dict[DType, int] = {"float32": 4, "float16": 2, "int8": 1}
"""The bytes of one element of a data type."""

Kind = Literal["multiply_add", "multiply", "add", "compare", "divide", "transcendental"]
Role = Literal["kernel", "bias", "norm", "activation", "pool", "merge"]
Call = tuple[str, dict[str, Any]]


class Tensor(msgspec.Struct, frozen=True, gc=False):
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


class Reach(msgspec.Struct, frozen=True):
    """Which input positions an output position reads along an axis.

    Output position o reads every input position i with up * i = step * o + t for one of the
    `taps` t. A convolution has an `up` of 1, what makes more positions out of few a `step` of 1.
    """

    taps: range = range(1)
    step: int = 1
    up: int = 1

    def positions(self, o: int) -> range:
        """The input positions that output position o reads; there may be none."""
        first, last, each = self.taps.start, self.taps.stop, self.taps.step
        start = self.step * o
        if self.up == 1:
            return range(start + first, start + last, each)
        common = gcd(each, self.up)
        if (start + first) % common:
            return range(0)
        every = self.up // common
        # The first tap for which `up` divides start + t: each * m = -(start + first) modulo up.
        skipped = -(start + first) // common * pow(each // common, -1, every) % every
        fitting = range(first + skipped * each, last, each * every)
        there = (start + fitting.start) // self.up
        return range(there, there + len(fitting) * (each // common), each // common)


Window = tuple[Reach, ...]
"""How an op reads along each spatial axis; a single one is for all axes."""

NOTHING: Window = (Reach(range(0)),)
"""The window of an op that ignores its input."""

Inputs = tuple[Tensor, ...]
"""The shapes that arrive at an op, of which there is at least one."""


class Work(msgspec.Struct, frozen=True):
    """An amount of one kind of arithmetic, done in one role. What it weighs is a convention's."""

    kind: Kind
    role: Role
    amount: int


class Op(msgspec.Struct, frozen=True, kw_only=True, tag=snake_case, gc=False):
    """A primitive operation: a record whose fields are its keys in a spec.

    The methods are formulas on shapes and import nothing heavy. They never branch
    on a dimension, so that they also run on symbols: what needs an `if` is said by `check`.
    """

    uncounted: ClassVar[frozenset[str]] = frozenset()
    """Operators of the traced call that multiply nothing and that fvcore leaves out.

    What torch itself says to be element by element needs no mention.
    """

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
        return iter(())

    def output_shape(self, x: Tensor) -> Tensor:
        """The shape that leaves the op."""
        return x

    def parameters(self, x: Tensor) -> int:
        """Learnable parameters."""
        return 0

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        """The shape of each learnable tensor under torch's name for it, in torch's order."""
        return {}

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        """The arithmetic for one sample of input shape x and output shape y."""
        return iter(())

    def activations(self, x: Tensor, y: Tensor) -> int:
        """The elements that convolutions, linear layers and matrix products put out."""
        return y.elements if self.multiplies else 0

    def inner_products(self, x: Tensor) -> int:
        """Of the multiply-adds, those that don't read the input but what the op has made of it."""
        return 0

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        """The torch.nn modules that do the same, in order: class names and keyword arguments."""
        raise NotImplementedError

    def torch_call_in_words(self, x: Tensor) -> tuple[Call, ...]:
        """The same with torch's words for numbers, where the spec has them."""
        return self.torch_call(x)

    def inside(self, x: Tensor) -> int:
        """Elements that the op holds while it runs, beside its inputs and its output."""
        return 0

    def window(self) -> Window | None:
        """Which input positions an output position reads; None where it sees the whole input."""
        return (Reach(),)

    def check_inputs(self, inputs: Inputs) -> Iterator[Complaint]:
        """`check` for any number of inputs; all but a merge read one."""
        if len(inputs) == 1:
            return self.check(inputs[0])
        shapes = " and ".join(str(x) for x in inputs)
        surplus = Complaint(f"{self.name} reads one input, but {shapes} arrive")
        return chain([surplus], self.check(inputs[0]))

    def shape_of(self, inputs: Inputs) -> Tensor:
        """`output_shape` for any number of inputs."""
        return self.output_shape(inputs[0])

    def work_on(self, inputs: Inputs, y: Tensor) -> Iterator[Work]:
        """`work` for any number of inputs."""
        return self.work(inputs[0], y)

    def activations_on(self, inputs: Inputs, y: Tensor) -> int:
        """`activations` for any number of inputs."""
        return self.activations(inputs[0], y)

    def window_on(self, inputs: Inputs) -> Window | None:
        """`window` for any number of inputs."""
        return self.window()

    def inside_on(self, inputs: Inputs) -> int:
        """`inside` for any number of inputs."""
        return self.inside(inputs[0])


class Tie(msgspec.Struct, frozen=True, gc=False):
    """A parameter tensor that several nodes use: the op's name for it, and one for all of them."""

    tensor: str
    common: str


class Node(msgspec.Struct, frozen=True, gc=False):
    """One op in its place. `layer` is the layer of the spec that it belongs to.

    It reads the nodes at the indices `sources`, -1 being the network's input; None is the
    node before. `x` is what arrives from the first of them, `others` from the rest. `ties` are
    the parameters that it has in common with other nodes, `shared` how many of them a node before
    it has.
    """

    name: str
    layer: str
    op: Op
    x: Tensor
    y: Tensor
    rewrite: bool = True
    others: Inputs = ()
    sources: tuple[int, ...] | None = None
    ties: tuple[Tie, ...] = ()
    shared: int = 0

    @property
    def own_parameters(self) -> int:
        """The parameters of its op, without those that a node before it has."""
        return self.op.parameters(self.x) - self.shared

    @property
    def inputs(self) -> Inputs:
        """Every shape that arrives."""
        return (self.x, *self.others)

    def reads(self, index: int) -> tuple[int, ...]:
        """The indices of what the node reads, when it stands at that index itself."""
        return (index - 1,) if self.sources is None else self.sources

    def moved(self, to: Mapping[int, int]) -> "Node":
        """The node in a network where each node that it reads stands at another index."""
        if self.sources is None or all(to[at] == at for at in self.sources):
            return self
        return replace(self, sources=tuple([to[at] for at in self.sources]))


class Network(msgspec.Struct, frozen=True):
    """Nodes in the order in which they run, each of which leads to an output.

    `outputs` are the indices of the nodes whose outputs are the network's, -1 being its input;
    none given means the last node. `unused` names the layers of the spec that were left out
    because they lead to no output.
    """

    input: Tensor
    nodes: tuple[Node, ...]
    outputs: tuple[int, ...] = ()
    unused: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.outputs:
            force_setattr(self, "outputs", (len(self.nodes) - 1,))


def verify(network: Network) -> None:
    """Recompute every shape. Raises ValueError where a node doesn't fit those that it reads, and
    where an output is no node."""
    shapes: list[Tensor] = []
    for index, node in enumerate(network.nodes):
        arriving = tuple([network.input if at < 0 else shapes[at] for at in node.reads(index)])
        if node.inputs != arriving:
            found = f"reads {_show(node.inputs)}, but {_show(arriving)} arrives"
            raise ValueError(f"{node.name}: {found}")
        shape = node.op.shape_of(arriving)
        if node.y != shape:
            raise ValueError(f"{node.name}: writes {node.y}, but its op makes {shape}")
        shapes.append(shape)
    for at in network.outputs:
        if not -1 <= at < len(shapes):
            raise ValueError(f"an output is node {at}, but the network has {len(shapes)}")


def _show(shapes: Inputs) -> str:
    return " and ".join(str(shape) for shape in shapes)
