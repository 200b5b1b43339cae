"""Instance normalisation, as it runs in evaluation."""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window, Work
from sepconv_cli.ops._axes import check_spatial
from sepconv_cli.ops._norm import Epsilon, normalise


class InstanceNorm(Op, frozen=True, kw_only=True):
    """Normalisation of each channel by itself (torch.nn.InstanceNorm1d, 2d, 3d): keeps the shape.

    Two parameters for each channel where it is affine, which it isn't unless told. Where running
    statistics are tracked, evaluation takes those, and one multiply-add for each element.
    """

    eps: Epsilon = 1e-5
    momentum: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.1
    affine: bool = False
    track_running_stats: bool = False

    needs_sample = True

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_spatial(x, "instance_norm")
        if x.size and x.elements == x.channels and not self.track_running_stats:
            yield Complaint(
                f"instance_norm needs more than one element in a channel, but {x} arrives"
            )

    def window(self) -> Window | None:
        return None

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        return {"weight": (x.channels,), "bias": (x.channels,)} if self.affine else {}

    def parameters(self, x: Tensor) -> int:
        return 2 * x.channels if self.affine else 0

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        if self.track_running_stats:
            yield Work("multiply_add", "norm", y.elements)
        else:
            yield from normalise(y.elements, y.channels)
        if self.affine:
            yield Work("multiply_add", "norm", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {
            "num_features": x.channels,
            "eps": self.eps,
            "momentum": self.momentum,
            "affine": self.affine,
            "track_running_stats": self.track_running_stats,
        }
        return ((f"InstanceNorm{len(x.size)}d", call),)
