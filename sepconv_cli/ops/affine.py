"""Every element times one number, plus another."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Op, Tensor, Work


class Affine(Op, frozen=True, kw_only=True):
    """scale * x + shift of two numbers that are written down: keeps the shape.

    What is 1 or 0 isn't done. Numbers that are learned are `learned_scale` and `learned_shift`.
    """

    scale: float = 1.0
    shift: float = 0.0

    elementwise = True
    uncounted = frozenset({"aten::mul", "aten::add"})

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        if self.scale != 1 and self.shift != 0:
            yield Work("multiply_add", "activation", y.elements)
        elif self.scale != 1:
            yield Work("multiply", "activation", y.elements)
        elif self.shift != 0:
            yield Work("add", "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Affine", {"scale": self.scale, "shift": self.shift}),)
