"""What the variants are built from: their base record, their common options, and their parts."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from sepconv_cli.network import Op, Tensor
from sepconv_cli.ops.conv import Conv
from sepconv_cli.registry import snake_case

About = msgspec.Meta
"""What an option means, for the help and the schema: `Annotated[int, About(description="...")]`."""

BiasRule = Annotated[
    Literal["last", "all"],
    About(description="Which parts of a convolution that has a bias keep one"),
]
Between = Annotated[
    tuple[Op, ...], About(description="Layers between the parts, such as batch_norm,relu")
]
Parts = tuple[tuple[str, Op], ...]
"""Named ops in the order in which they run."""


class Quantity(NamedTuple):
    """A number that a variant works out on its way, and what formulas call it."""

    symbol: str
    meaning: str
    value: int


class Variant(msgspec.Struct, frozen=True, kw_only=True, tag=snake_case):
    """A rewrite of one convolution; its fields are its options in a spec and on the shell."""

    keeps: ClassVar[bool] = False
    """Whether it leaves every convolution as it is."""

    symbols: ClassVar[Mapping[str, str]] = {}
    """What formulas call an option, by the option's name."""

    @property
    def name(self) -> str:
        """The variant's name in a spec."""
        return str(self.__struct_config__.tag)

    def rewrite(self, conv: Conv, x: Tensor) -> Parts | None:
        """The ops that stand for `conv` on an input of shape x; None leaves it as it is.

        For a convolution in one group. The parts' last output has the shape of conv's.
        """
        raise NotImplementedError

    def quantities(self, conv: Conv, x: Tensor) -> tuple[Quantity, ...]:
        """The numbers in the parts' formulas that are worth a name, such as the mid channels."""
        return ()

    def options_in_symbols(self) -> dict[str, str]:
        """The options that formulas call by a symbol: not those that are 1 or not given."""
        return {
            option: symbol
            for option, symbol in self.symbols.items()
            if getattr(self, option) not in (None, 1)
        }

    def own_symbols(self, conv: Conv, x: Tensor) -> list[tuple[str, str]]:
        """Every symbol of its own in the formulas for a convolution, and what it stands for."""
        options = [
            (symbol, option.replace("_", " "))
            for option, symbol in self.options_in_symbols().items()
        ]
        return options + [(each.symbol, each.meaning) for each in self.quantities(conv, x)]


def pointwise(conv: Conv, out_channels: int, bias: bool) -> Conv:
    """The 1x1 convolution over as many axes as `conv`, with stride 1 and no padding."""
    axes = len(conv.kernel_size)
    return Conv(
        out_channels=out_channels,
        kernel_size=(1,) * axes,
        stride=(1,) * axes,
        padding=((0, 0),) * axes,
        dilation=(1,) * axes,
        bias=bias,
    )


def depthwise(conv: Conv, in_channels: int, out_channels: int, bias: bool) -> Conv:
    """`conv` with a kernel of its own for each input channel: its stride, padding and dilation."""
    return replace(conv, out_channels=out_channels, groups=in_channels, bias=bias)


def layers_between(between: tuple[Op, ...]) -> Parts:
    """The layers that stand between two halves, under their ops' names."""
    return tuple([(op.name, op) for op in between])
