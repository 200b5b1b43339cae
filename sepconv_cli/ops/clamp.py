"""Elements kept between two numbers."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Work


class Clamp(Op, frozen=True, kw_only=True):
    """min(max(x, min), max), of which one may be left out (torch.clamp): keeps the shape."""

    min: float | None = None
    max: float | None = None

    elementwise = True

    def check(self, x: Tensor) -> Iterator[Complaint]:
        if self.min is None and self.max is None:
            yield Complaint("clamp needs min, max or both")

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        bounds = (self.min is not None) + (self.max is not None)
        yield Work("compare", "activation", bounds * y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Clamp", {"min": self.min, "max": self.max}),)
