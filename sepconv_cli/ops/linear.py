"""Fully connected layer."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window, Work
from sepconv_cli.ops._axes import Positive


class Linear(Op, frozen=True, kw_only=True):
    """Fully connected layer (torch.nn.Linear): in_features -> out_features, on a flat input.

    Where `in_features` is written, it runs over the last axis of any input, as torch does,
    once for each position of the other axes.
    """

    out_features: Positive
    bias: bool = True
    in_features: Positive | None = None

    multiplies = True

    def check(self, x: Tensor) -> Iterator[Complaint]:
        if self.in_features is None and x.size:
            yield Complaint(
                f"linear needs a flat input, but {x} arrives",
                hint="put flatten before it, or write in_features to run over the last axis",
            )
        elif self.in_features not in (None, _last(x)):
            yield Complaint(
                f"in_features is {self.in_features}, but the last axis of {x} is {_last(x)}",
                field="in_features",
            )

    def window(self) -> Window | None:
        return None

    def output_shape(self, x: Tensor) -> Tensor:
        if not x.size:
            return Tensor(self.out_features)
        return Tensor(x.channels, (*x.size[:-1], self.out_features))

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        each = (self.out_features, _last(x))
        return {"weight": each, "bias": (self.out_features,)} if self.bias else {"weight": each}

    def parameters(self, x: Tensor) -> int:
        weight = self.out_features * _last(x)
        return weight + (self.out_features if self.bias else 0)

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("multiply_add", "kernel", y.elements * _last(x))
        if self.bias:
            yield Work("add", "bias", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {
            "in_features": _last(x),
            "out_features": self.out_features,
            "bias": self.bias,
        }
        return (("Linear", call),)


def _last(x: Tensor) -> int:
    """The length of the last axis, which is the channels of a flat input."""
    return x.size[-1] if x.size else x.channels
