"""One convolution by every variant, by the formulas that count whole networks."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import msgspec
from msgspec.structs import replace

from sepconv_cli.conventions import Convention
from sepconv_cli.errors import UsageError
from sepconv_cli.metrics import Amounts, Context, Scope, listed, metric
from sepconv_cli.network import Network, Node, Tensor
from sepconv_cli.ops.conv import Conv
from sepconv_cli.variants import Variant, eligible, rewrite

Measure = Callable[[Network], int | None]


class Shape(msgspec.Struct, frozen=True):
    """A convolution and what arrives at it; layers of one shape cost the same."""

    conv: Conv
    x: Tensor

    @property
    def kernel(self) -> str:
        """Such as `3x3`."""
        return "x".join(map(str, self.conv.kernel_size))

    @property
    def stride(self) -> str:
        """One number, or one for each axis."""
        steps = self.conv.stride
        return str(steps[0]) if len(set(steps)) == 1 else "x".join(map(str, steps))

    @property
    def ratio(self) -> Fraction:
        """Output channels for each input channel."""
        return Fraction(self.conv.out_channels, self.x.channels)

    def with_outputs(self, channels: int) -> "Shape":
        """The same with so many output channels."""
        return Shape(replace(self.conv, out_channels=channels), self.x)

    def with_window(self, kernel: int, stride: int) -> "Shape":
        """The same with another kernel and stride, padded so that stride 1 keeps the size."""
        axes = len(self.x.size)
        sides = tuple([(d * (kernel - 1) // 2,) * 2 for d in self.conv.dilation])
        conv = replace(
            self.conv, kernel_size=(kernel,) * axes, stride=(stride,) * axes, padding=sides
        )
        return Shape(conv, self.x)


class Question(msgspec.Struct, frozen=True):
    """The shapes with their layers, the variants, and what they are compared in.

    `unit` is that in words, such as MACs; `symbols` is which of its formulas can be written.
    `rest` is what the layers cost that no variant rewrites, None where only some were asked for.
    """

    network: str
    shapes: Mapping[Shape, Sequence[str]]
    variants: Sequence[Variant]
    by: Measure
    unit: str
    symbols: str | None
    rest: int | None = None

    @property
    def names(self) -> list[str]:
        """The names of the variants."""
        return [variant.name for variant in self.variants]


def measure(convention: Convention, by: str) -> Measure:
    """What is compared: a metric that adds up over layers, each by itself. Raises UsageError."""
    if not (metric(by).is_local and metric(by).is_whole):
        known = [one.name for one in listed() if one.is_local and one.is_whole]
        raise UsageError(
            f"--by {by}: a layer by itself doesn't say what it adds to that",
            f"known: {', '.join(known)}",
        )

    def measured(network: Network) -> int | None:
        found: int | None = Amounts(Context(convention)).number(by, Scope(network))  # type: ignore[assignment]
        return found

    return measured


def costs(shape: Shape, variants: Sequence[Variant], by: Measure) -> dict[str, int]:
    """What the convolution costs by each variant."""
    node = Node("conv", "conv", shape.conv, shape.x, shape.conv.output_shape(shape.x))
    network = Network(shape.x, (node,))
    found = {variant.name: by(rewrite(network, variant)) for variant in variants}
    if None in found.values():
        raise UsageError("the convention doesn't count every part of these variants")
    return {name: value for name, value in found.items() if value is not None}


def shapes(network: Network, fits: Callable[[str], bool]) -> dict[Shape, list[str]]:
    """The convolutions that variants rewrite, each with the layers that have its shape."""
    found: dict[Shape, list[str]] = {}
    for node in network.nodes:
        if isinstance(node.op, Conv) and eligible(node, node.op) and fits(node.layer):
            found.setdefault(Shape(node.op, node.x), []).append(node.layer)
    return found


def cheapest(found: Mapping[str, int]) -> list[str]:
    """The variants that cost least: one, or several that cost the same."""
    least = min(found.values())
    return [name for name, value in found.items() if value == least]
