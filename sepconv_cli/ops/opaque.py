"""What an import couldn't tell."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Inputs, Op, Tensor, Window
from sepconv_cli.ops._shape import PlainText, SampleShape


class Opaque(Op, frozen=True, kw_only=True):
    """A function that is known by its name and the shape that it hands on, and not counted.

    It reads any number of inputs. No convention counts it, and each says so. Tracing puts zeros in
    its place.
    """

    function: PlainText
    shape: SampleShape

    is_opaque = True

    def check_inputs(self, inputs: Inputs) -> Iterator[Complaint]:
        return iter(())

    def window(self) -> Window | None:
        return None

    def output_shape(self, x: Tensor) -> Tensor:
        return Tensor.of(self.shape)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Opaque", {"function": self.function, "shape": self.shape}),)
