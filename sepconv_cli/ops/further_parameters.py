"""Parameters that stand in no layer of their own."""

from sepconv_cli.network import Call, Op, Tensor
from sepconv_cli.ops._axes import Positive


class FurtherParameters(Op, frozen=True, kw_only=True):
    """Parameters that the weights of the layer behind it are made of, besides those weights.

    The gains of convolutions with standardised weights are such: they are worked into the weights
    and cost nothing for a sample (Brock et al. 2021, arXiv:2101.08692). Hands its input on.
    """

    count: Positive

    is_view = True

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        return {"parts": (self.count,)}

    def parameters(self, x: Tensor) -> int:
        return self.count

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("FurtherParameters", {"count": self.count}),)
