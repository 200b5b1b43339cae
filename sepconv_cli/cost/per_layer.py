"""One convolution by every variant, by the formulas that count whole networks."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import msgspec
from msgspec.structs import replace

from sepconv_cli.errors import UsageError
from sepconv_cli.network import Network, Node, Tensor
from sepconv_cli.ops.conv import Conv
from sepconv_cli.variants import Variant, eligible, rewrite

Cost = int | float
Yardstick = Callable[[Network], Cost | None]
"""What a network comes to in one number; None where that isn't counted."""


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


def costs(shape: Shape, variants: Sequence[Variant], by: Yardstick) -> dict[str, Cost]:
    """What the convolution costs by each variant. Raises UsageError where one isn't counted."""
    network = _alone(shape)
    return {variant.name: _counted(rewrite(network, variant), by) for variant in variants}


def as_written(shape: Shape, by: Yardstick) -> Cost:
    """What the convolution costs as it is. Raises UsageError where it isn't counted."""
    return _counted(_alone(shape), by)


def _alone(shape: Shape) -> Network:
    node = Node("conv", "conv", shape.conv, shape.x, shape.conv.output_shape(shape.x))
    return Network(shape.x, (node,))


def _counted(network: Network, by: Yardstick) -> Cost:
    found = by(network)
    if found is None:
        raise UsageError("the convention doesn't count every part of these variants")
    return found


def shapes(network: Network, fits: Callable[[str], bool]) -> dict[Shape, list[str]]:
    """The convolutions that variants rewrite, each with the layers that have its shape."""
    found: dict[Shape, list[str]] = {}
    for node in network.nodes:
        if isinstance(node.op, Conv) and eligible(node, node.op) and fits(node.layer):
            found.setdefault(Shape(node.op, node.x), []).append(node.layer)
    return found


def cheapest(found: Mapping[str, Cost], margin: float = 0) -> list[str]:
    """The variants that cost least: one, or several that cost the same, or that share more."""
    least = min(found.values())
    most = least * (1 + margin) if margin else least
    return [name for name, value in found.items() if value <= most]
