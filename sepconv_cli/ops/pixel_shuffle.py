"""Channels into positions."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window
from sepconv_cli.ops._axes import Positive, check_plane, copies


class PixelShuffle(Op, frozen=True, kw_only=True):
    """Channels into positions (torch.nn.PixelShuffle): C r^2 x H x W -> C x H r x W r.

    r is `upscale_factor`.
    """

    upscale_factor: Positive

    uncounted = frozenset({"aten::pixel_shuffle"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_plane(x, "pixel_shuffle")
        if x.channels % self.upscale_factor**2:
            yield Complaint(
                f"upscale_factor {self.upscale_factor} needs a multiple of "
                f"{self.upscale_factor**2} channels, but {x.channels} arrive",
                field="upscale_factor",
            )

    def window(self) -> Window | None:
        return (copies(self.upscale_factor),)

    def output_shape(self, x: Tensor) -> Tensor:
        size = tuple([length * self.upscale_factor for length in x.size])
        return Tensor(x.channels // self.upscale_factor**2, size)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("PixelShuffle", {"upscale_factor": self.upscale_factor}),)
