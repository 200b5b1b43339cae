"""Batch normalisation, as it runs in evaluation."""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from sepconv_cli.network import Call, Op, Tensor, Work


class BatchNorm(Op, frozen=True, kw_only=True):
    """Batch normalisation (torch.nn.BatchNorm1d, 2d, 3d): keeps the shape, of any axes.

    Two parameters for each channel where it is affine. The running mean and variance
    are buffers and not parameters. In evaluation each element takes one multiply-add
    to be normalised, and a second one for the affine map.
    """

    eps: Annotated[float, msgspec.Meta(ge=0)] = 1e-5
    momentum: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.1
    affine: bool = True

    elementwise = True

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        return {"weight": (x.channels,), "bias": (x.channels,)} if self.affine else {}

    def parameters(self, x: Tensor) -> int:
        return 2 * x.channels if self.affine else 0

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("multiply_add", "norm", y.elements)
        if self.affine:
            yield Work("multiply_add", "norm", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {
            "num_features": x.channels,
            "eps": self.eps,
            "momentum": self.momentum,
            "affine": self.affine,
        }
        axes = max(1, len(x.size))
        return ((f"BatchNorm{axes}d" if axes <= 3 else "BatchNorm", call),)
