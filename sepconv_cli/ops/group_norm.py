"""Group normalisation."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window, Work
from sepconv_cli.ops._axes import Positive
from sepconv_cli.ops._channels import check_divides
from sepconv_cli.ops._norm import Epsilon, normalise


class GroupNorm(Op, frozen=True, kw_only=True):
    """Normalisation of each group of channels by itself (torch.nn.GroupNorm): keeps the shape.

    Two parameters for each channel where it is affine, one without `bias`.
    """

    num_groups: Positive
    eps: Epsilon = 1e-5
    affine: bool = True
    bias: bool = True

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_divides("num_groups", self.num_groups, x.channels)
        if x.elements == self.num_groups:
            yield Complaint(
                f"{x} in {self.num_groups} groups leaves one element for each, "
                "which has no variance",
                field="num_groups",
            )

    def window(self) -> Window | None:
        return None

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        if not self.affine:
            return {}
        shape = (x.channels,)
        return {"weight": shape, "bias": shape} if self.bias else {"weight": shape}

    def parameters(self, x: Tensor) -> int:
        return (1 + self.bias) * x.channels if self.affine else 0

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield from normalise(y.elements, self.num_groups)
        if self.affine:
            yield Work("multiply_add" if self.bias else "multiply", "norm", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {
            "num_groups": self.num_groups,
            "num_channels": x.channels,
            "eps": self.eps,
            "affine": self.affine,
            # Known to torch from 2.13 on.
            **({} if self.bias else {"bias": False}),
        }
        return (("GroupNorm", call),)
