"""More positions around the input, on any axis."""

from collections.abc import Iterator
from typing import Literal

from sepconv_cli.errors import Complaint, show
from sepconv_cli.network import Call, Op, Reach, Tensor, Window
from sepconv_cli.ops._axes import check_padding_mode, last_axis_first
from sepconv_cli.ops._shape import SignedPadding

_WRITES = ("zeros", "lowest")


class Pad(Op, frozen=True, kw_only=True):
    """Positions before and after on every axis (torch.nn.functional.pad), taken away below zero.

    `padding` has a number or a pair (before, after) for every axis of the sample, the channels
    first. `zeros` writes `value` there, `lowest` what every number is larger than, for a max pool;
    the other modes copy what is inside, and leave the channels as they are.
    """

    padding: SignedPadding
    mode: Literal["zeros", "lowest", "reflect", "replicate", "circular"] = "zeros"
    value: float = 0.0

    uncounted = frozenset({"aten::pad"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        if len(self.padding) != len(x.axes):
            yield Complaint(
                f"padding {show(self.padding)} is for {len(self.padding)} axes, "
                f"but {x} has {len(x.axes)}",
                field="padding",
                hint="write a pair for every axis, the channels first",
            )
            return
        if any(length < 1 for length in self.output_shape(x).axes):
            yield Complaint(f"padding {show(self.padding)} leaves nothing of {x}", field="padding")
        if self.mode in _WRITES:
            return
        if any(self.padding[0]) or len(x.axes) > 4:
            yield Complaint(f"mode {self.mode} pads up to three axes, not the channels", "mode")
        yield from check_padding_mode(x, self.padding[1:], self.mode)

    def window(self) -> Window | None:
        return tuple([Reach(range(-before, 1 - before)) for before, _ in self.padding[1:]])

    def output_shape(self, x: Tensor) -> Tensor:
        axes = zip(x.axes, self.padding, strict=True)
        return Tensor.of([n + before + after for n, (before, after) in axes])

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        padding = self.padding if self.mode in _WRITES else self.padding[1:]
        call = {"padding": last_axis_first(padding), "mode": self.mode, "value": self.value}
        return (("Pad", call),)
