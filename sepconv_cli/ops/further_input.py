"""An input of the model beside its first one."""

from sepconv_cli.network import NOTHING, Call, Op, Tensor, Window
from sepconv_cli.ops._shape import SampleShape


class FurtherInput(Op, frozen=True, kw_only=True):
    """The second, third ... input of a model that reads several: -> shape.

    What arrives is ignored. It costs nothing: the model is given it. Tracing puts zeros there.
    """

    shape: SampleShape

    def window(self) -> Window | None:
        return NOTHING

    def output_shape(self, x: Tensor) -> Tensor:
        return Tensor.of(self.shape)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("FurtherInput", {"shape": self.shape}),)
