"""Specs of the zoo whose totals are worked out here as sums of products."""

from collections.abc import Callable
from typing import NamedTuple

from tests.published.figures import Figure

VARIANTS = ["standard", "depthwise_separable", "blueprint_u", "blueprint_s"]


class Sum(NamedTuple):
    """Parameters and MACs of a few layers, and the elements that their convolutions put out."""

    parameters: int = 0
    macs: int = 0
    activations: int = 0

    def __add__(self, other: object) -> "Sum":
        assert isinstance(other, Sum)
        return Sum(*(one + more for one, more in zip(self, other, strict=True)))

    def times(self, times: int) -> "Sum":
        """So many of the same."""
        return Sum(*(times * one for one in self))


def convolution(
    variant: str, channels: int, out: int, window: int, positions: int, *, bias: bool = True
) -> Sum:
    """A padded convolution of stride 1 with so many positions in its window, as variants make it.

    The bias of depthwise_separable is in both halves, a blueprint's in the depthwise part.
    """
    products, biases, outputs = window * channels * out, out, out
    if variant == "depthwise_separable":
        products = window * channels + channels * out
        biases = outputs = channels + out
    if variant == "blueprint_u":
        products, outputs = channels * out + window * out, out + out
    if variant == "blueprint_s":
        middle = min(channels, max(4, -(-channels // 4)))
        products = channels * middle + middle * out + window * out
        outputs = middle + out + out
    return Sum(products + bias * biases, positions * products, positions * outputs)


def qanet(
    variant: str, channels: int, length: int, kernel_size: int, convolutions: int, heads: int
) -> Sum:
    """Convolutions, attention and two pointwise layers, with a norm before each residual.

    Attention is four projections, and length x length products of every channel both for the
    scores, which each head has, and for the values. A norm has two parameters for each channel.
    """
    pointwise = convolution("standard", channels, channels, 1, length)
    scores = Sum(0, length * length * channels, heads * length * length)
    values = Sum(0, length * length * channels, length * channels)
    attention = pointwise.times(4) + scores + values
    norms = Sum(2 * channels).times(convolutions + 2)
    several = convolution(variant, channels, channels, kernel_size, length).times(convolutions)
    return several + attention + pointwise.times(2) + norms


def slicenet(variant: str, channels: int, length: int) -> Sum:
    """Four convolutions of 3 and four super-separable ones, with a norm after each.

    With k in a window and g groups, the depthwise half takes k products for each channel, and
    each output of the pointwise half reads channels / g.
    """
    found = convolution(variant, channels, channels, 3, length, bias=False).times(4)
    for k, g in [(3, 3), (7, 2), (15, 3), (31, 2)]:
        products = channels * k + channels * channels // g
        found += Sum(products, length * products, length * 2 * channels)
    return found + Sum(2 * channels).times(8)


def u_net(variant: str, base: int, resolution: int, classes: int) -> Sum:
    """Seven pairs of convolutions, three transposed ones, and the classifier.

    The first of a pair on the way up reads what was handed across beside what came up. Every
    input element of a transposed convolution is multiplied by 2 x 2 weights for each output.
    """
    full, half, quarter, eighth = ((resolution // by) ** 2 for by in (1, 2, 4, 8))
    pairs = [
        (3, base, full),
        (base, 2 * base, half),
        (2 * base, 4 * base, quarter),
        (4 * base, 8 * base, eighth),
        (4 * base + 4 * base, 4 * base, quarter),
        (2 * base + 2 * base, 2 * base, half),
        (base + base, base, full),
    ]
    found = convolution("standard", base, classes, 1, full)
    for channels, out, positions in pairs:
        found += convolution(variant, channels, out, 9, positions)
        found += convolution(variant, out, out, 9, positions)
    for channels, out, positions in [
        (8 * base, 4 * base, eighth),
        (4 * base, 2 * base, quarter),
        (2 * base, base, half),
    ]:
        weights = channels * out * 4
        found += Sum(weights + out, positions * weights, 4 * positions * out)
    return found


def bsrn(variant: str, channels: int, depth: int, scale: int, resolution: int) -> Sum:
    """All at the resolution that arrives: the first convolution, two in each unit and one more,
    and the last, whose channels are three colours at scale x scale places."""
    positions = resolution * resolution
    return (
        convolution(variant, 3, channels, 9, positions)
        + convolution(variant, channels, channels, 9, positions).times(2 * depth + 1)
        + convolution(variant, channels, 3 * scale * scale, 9, positions)
    )


def separable_module(variant: str, kernel_size: int) -> Sum:
    """64 -> 128 channels at 56 x 56, a size that an odd kernel padded by half of it keeps."""
    return convolution(variant, 64, 128, kernel_size * kernel_size, 56 * 56)


def yolo_v3(resolution: int, classes: int, anchors: int) -> Sum:
    """Darknet-53 without its classifier (arXiv:1804.02767, table 1), then three heads.

    The second and third read what came up from the one before, beside what the backbone hands on.
    """
    positions = [(resolution // 2**halved) ** 2 for halved in range(6)]

    def unit(channels: int, out: int, window: int, halved: int) -> Sum:
        conv = convolution("standard", channels, out, window, positions[halved], bias=False)
        return conv + Sum(2 * out)

    found = unit(3, 32, 9, 0)
    for halved, units in [(1, 1), (2, 2), (3, 8), (4, 8), (5, 4)]:
        channels = 32 * 2**halved
        half = channels // 2
        found += unit(half, channels, 9, halved)
        found += (unit(channels, half, 1, halved) + unit(half, channels, 9, halved)).times(units)
    outputs = anchors * (4 + 1 + classes)
    for halved, arriving, narrow in [(5, 1024, 512), (4, 256 + 512, 256), (3, 128 + 256, 128)]:
        wide = 2 * narrow
        found += unit(arriving, narrow, 1, halved) + unit(wide, narrow, 1, halved).times(2)
        found += unit(narrow, wide, 9, halved).times(3)
        found += convolution("standard", wide, outputs, 1, positions[halved])
    return found + unit(512, 256, 1, 5) + unit(256, 128, 1, 4)


# As the specs stand, and with each parameter set to something else.
NETWORKS: list[tuple[str, Callable[..., Sum], dict[str, int]]] = [
    ("architectures/bsrn", bsrn, {"channels": 64, "depth": 8, "scale": 4, "resolution": 64}),
    ("architectures/bsrn", bsrn, {"channels": 20, "depth": 3, "scale": 2, "resolution": 30}),
    ("architectures/u_net", u_net, {"base": 32, "resolution": 128, "classes": 2}),
    ("architectures/u_net", u_net, {"base": 12, "resolution": 40, "classes": 5}),
    (
        "blocks/qanet_encoder",
        qanet,
        {"channels": 128, "length": 400, "kernel_size": 7, "convolutions": 4, "heads": 8},
    ),
    (
        "blocks/qanet_encoder",
        qanet,
        {"channels": 96, "length": 50, "kernel_size": 5, "convolutions": 2, "heads": 4},
    ),
    ("blocks/slicenet", slicenet, {"channels": 768, "length": 64}),
    ("blocks/slicenet", slicenet, {"channels": 96, "length": 25}),
    ("seeds/separable_module", separable_module, {"kernel_size": 3}),
    ("seeds/separable_module", separable_module, {"kernel_size": 5}),
]

BY_HAND = [
    Figure(spec, variant, parameters, *cost(variant, **parameters))
    for spec, cost, parameters in NETWORKS
    for variant in VARIANTS
]
BY_HAND += [
    Figure("architectures/yolo_v3", "standard", parameters, *yolo_v3(**parameters))
    for parameters in (
        {"resolution": 416, "classes": 80, "anchors": 3},
        {"resolution": 320, "classes": 20, "anchors": 2},
    )
]
