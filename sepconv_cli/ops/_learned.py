"""What learned_scale and learned_shift share: parameters that are taken along what arrives."""

from collections.abc import Iterator

from sepconv_cli.arithmetic import prod
from sepconv_cli.errors import Complaint, show
from sepconv_cli.network import Op, Tensor
from sepconv_cli.ops._shape import SampleShape, taken_along


class LearnedAlong(Op, frozen=True, kw_only=True):
    """A tensor of parameters and each element that arrives, whose shape stays."""

    shape: SampleShape

    elementwise = True

    def check(self, x: Tensor) -> Iterator[Complaint]:
        if not taken_along(Tensor.of(self.shape), x):
            yield Complaint(f"shape {show(self.shape)} can't be taken along {x}", field="shape")

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        return {"weight": self.shape}

    def parameters(self, x: Tensor) -> int:
        return prod(self.shape)
