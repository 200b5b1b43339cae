"""What functions of one element have in common."""

from collections.abc import Iterator
from typing import ClassVar

from sepconv_cli.network import Call, Kind, Op, Tensor, Work


class Elementwise(Op, frozen=True, kw_only=True):
    """A function of each element by itself, which torch calls by the op's own name."""

    elementwise = True

    kind: ClassVar[Kind]
    """What is done for each element."""

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work(self.kind, "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Elementwise", {"function": self.name}),)
