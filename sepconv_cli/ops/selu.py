"""Scaled exponential linear unit."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Op, Tensor, Work


class Selu(Op, frozen=True, kw_only=True):
    """s x, or s a (exp(x) - 1) where x < 0 (torch.nn.SELU): keeps the shape.

    s is 1.0507 and a 1.6733 (Klambauer et al. 2017, arXiv:1706.02515, equation 2).
    """

    elementwise = True
    uncounted = frozenset({"aten::selu"})

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("compare", "activation", y.elements)
        yield Work("transcendental", "activation", y.elements)
        yield Work("multiply", "activation", 2 * y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("SELU", {}),)
