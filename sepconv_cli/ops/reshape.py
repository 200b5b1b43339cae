"""The same elements under other axes."""

from collections.abc import Iterator

from sepconv_cli.arithmetic import prod
from sepconv_cli.errors import Complaint, plural, show
from sepconv_cli.network import Call, Op, Tensor, Window
from sepconv_cli.ops._shape import SampleShape


class Reshape(Op, frozen=True, kw_only=True):
    """The elements of a sample in their order, under the axes of `shape` (torch.reshape)."""

    shape: SampleShape

    is_view = True

    def check(self, x: Tensor) -> Iterator[Complaint]:
        elements = prod(self.shape)
        if elements != x.elements:
            yield Complaint(
                f"shape {show(self.shape)} has {plural(elements, 'element')}, "
                f"but {x} has {x.elements:,}",
                field="shape",
            )

    def window(self) -> Window | None:
        return None

    def output_shape(self, x: Tensor) -> Tensor:
        return Tensor.of(self.shape)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Reshape", {"shape": self.shape}),)
