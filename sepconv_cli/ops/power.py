"""Every element to the power of one number."""

from collections.abc import Iterator
from typing import ClassVar

from sepconv_cli.network import Call, Kind, Op, Tensor, Work


class Power(Op, frozen=True, kw_only=True):
    """x to the power of one number that is written down (torch.pow): keeps the shape.

    A square is one multiplication, a cube two, and 1 / x a division.
    """

    exponent: float

    elementwise = True
    uncounted = frozenset({"aten::pow"})

    _SIMPLE: ClassVar[dict[float, tuple[Kind, int]]] = {
        2.0: ("multiply", 1),
        3.0: ("multiply", 2),
        -1.0: ("divide", 1),
    }

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        kind, times = self._SIMPLE.get(self.exponent, ("transcendental", 1))
        yield Work(kind, "activation", times * y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Power", {"exponent": self.exponent}),)
