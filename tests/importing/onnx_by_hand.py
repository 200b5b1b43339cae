"""Networks that the onnx package brings, worked out by hand from the tables of their papers."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Product(NamedTuple):
    """A convolution, or a linear layer as one over a single position.

    `size` is that of its output; `more` are parameters for each output channel: a bias, the two
    of a batch norm, the two of a scale layer after it.
    """

    inputs: int
    outputs: int
    kernel: int = 1
    size: int = 1
    more: int = 1
    groups: int = 1

    @property
    def weights(self) -> int:
        return self.outputs * (self.inputs // self.groups) * self.kernel**2

    @property
    def parameters(self) -> int:
        return self.weights + self.outputs * self.more

    @property
    def multiplications(self) -> int:
        return self.weights * self.size**2


def totals(layers: Sequence[Product]) -> tuple[int, int]:
    return sum(each.parameters for each in layers), sum(each.multiplications for each in layers)


def alexnet() -> Iterator[Product]:
    """Krizhevsky et al. 2012 as Caffe's reference has it: 11x11 windows fit 54 times into 224."""
    yield Product(3, 96, 11, 54)
    yield Product(96, 256, 5, 26, groups=2)
    yield Product(256, 384, 3, 12)
    yield Product(384, 384, 3, 12, groups=2)
    yield Product(384, 256, 3, 12, groups=2)
    yield from (Product(256 * 36, 4096), Product(4096, 4096), Product(4096, 1000))


def zfnet512() -> Iterator[Product]:
    """Zeiler & Fergus 2013 in a version with 512 channels, 1024 features at its end."""
    yield Product(3, 96, 7, 109)
    yield Product(96, 256, 5, 25)
    yield from (Product(channels, 512, 3, 12) for channels in (256, 512, 512))
    yield from (Product(512 * 36, 4096), Product(4096, 1024), Product(1024, 1000))


# Szegedy et al. 2014, arXiv:1409.4842, table 1: inputs, #1x1, #3x3 reduce, #3x3, #5x5 reduce,
# #5x5, pool proj. Sizes are those of a file whose pools round down: 27, 13 and 6, not 28, 14, 7.
GOOGLENET = {
    27: [(192, 64, 96, 128, 16, 32, 32), (256, 128, 128, 192, 32, 96, 64)],
    13: [
        (480, 192, 96, 208, 16, 48, 64),
        (512, 160, 112, 224, 24, 64, 64),
        (512, 128, 128, 256, 24, 64, 64),
        (512, 112, 144, 288, 32, 64, 64),
        (528, 256, 160, 320, 32, 128, 128),
    ],
    6: [(832, 256, 160, 320, 32, 128, 128), (832, 384, 192, 384, 48, 128, 128)],
}


def googlenet() -> Iterator[Product]:
    """GoogLeNet without its auxiliary heads."""
    yield from (Product(3, 64, 7, 112), Product(64, 64, 1, 55), Product(64, 192, 3, 55))
    for size, modules in GOOGLENET.items():
        for inputs, one, reduced3, three, reduced5, five, pooled in modules:
            yield Product(inputs, one, 1, size)
            yield from (Product(inputs, reduced3, 1, size), Product(reduced3, three, 3, size))
            yield from (Product(inputs, reduced5, 1, size), Product(reduced5, five, 5, size))
            yield Product(inputs, pooled, 1, size)
    yield Product(1024, 1000)


# Ioffe & Szegedy 2015, arXiv:1502.03167, figure 5: inputs, #1x1, #3x3 reduce, #3x3, double #3x3
# reduce, double #3x3, pool proj. Those without #1x1 halve the size.
BN_INCEPTION = {
    28: [
        (192, 64, 64, 64, 64, 96, 32),
        (256, 64, 64, 96, 64, 96, 64),
        (320, 0, 128, 160, 64, 96, 0),
    ],
    14: [
        (576, 224, 64, 96, 96, 128, 128),
        (576, 192, 96, 128, 96, 128, 128),
        (576, 160, 128, 160, 128, 160, 96),
        (576, 96, 128, 192, 160, 192, 96),
        (576, 0, 128, 192, 192, 256, 0),
    ],
    7: [(1024, 352, 192, 320, 160, 224, 128), (1024, 352, 192, 320, 192, 224, 128)],
}


def bn_inception() -> Iterator[Product]:
    """A batch norm after each convolution, and Caffe's scale layer: four for each channel."""
    yield from (Product(3, 64, 7, 112, 4), Product(64, 64, 1, 56, 4), Product(64, 192, 3, 56, 4))
    for size, modules in BN_INCEPTION.items():
        for inputs, one, reduced, three, doubled, double, pooled in modules:
            after = size if one else size // 2
            yield from (Product(inputs, each, 1, size, 4) for each in (one, pooled))
            yield Product(inputs, reduced, 1, size, 4)
            yield Product(reduced, three, 3, after, 4)
            yield Product(inputs, doubled, 1, size, 4)
            yield Product(doubled, double, 3, size, 4)
            yield Product(double, double, 3, after, 4)
    yield Product(1024, 1000)


def shufflenet() -> Iterator[Product]:
    """Zhang et al. 2017, arXiv:1707.01083, four groups, half of table 1's channels.

    Its units have as many channels inside as outside, not a quarter of them.
    """
    yield Product(3, 24, 3, 112, 3)
    for inputs, outputs, units, size in ((24, 136, 4, 28), (136, 272, 8, 14), (272, 544, 4, 7)):
        # The first unit's shortcut hands on what arrives, beside what the unit makes.
        first = outputs - inputs
        yield Product(inputs, first, 1, 2 * size, 2, 4)
        yield Product(first, first, 3, size, 2, first)
        yield Product(first, first, 1, size, 2, 4)
        for _ in range(units - 1):
            yield Product(outputs, outputs, 1, size, 2, 4)
            yield Product(outputs, outputs, 3, size, 2, outputs)
            yield Product(outputs, outputs, 1, size, 2, 4)
    yield Product(544, 1000)
