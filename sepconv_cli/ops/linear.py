"""Fully connected layer."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window, Work
from sepconv_cli.ops._axes import Positive


class Linear(Op, frozen=True, kw_only=True):
    """Fully connected layer (torch.nn.Linear): in_features -> out_features, on a flat input."""

    out_features: Positive
    bias: bool = True

    multiplies = True

    def check(self, x: Tensor) -> Iterator[Complaint]:
        if x.size:
            yield Complaint(
                f"linear needs a flat input, but {x} arrives", hint="put flatten before it"
            )

    def window(self) -> Window | None:
        return None

    def output_shape(self, x: Tensor) -> Tensor:
        return Tensor(self.out_features)

    def parameters(self, x: Tensor) -> int:
        weight = self.out_features * x.channels
        return weight + (self.out_features if self.bias else 0)

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("multiply_add", "kernel", y.elements * x.channels)
        if self.bias:
            yield Work("add", "bias", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {
            "in_features": x.channels,
            "out_features": self.out_features,
            "bias": self.bias,
        }
        return (("Linear", call),)
