"""What ops on several inputs share."""

from collections.abc import Iterator
from typing import ClassVar

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Inputs, Kind, Op, Tensor, Work
from sepconv_cli.ops._shape import broadcast, broadcasts


class Merge(Op, frozen=True, kw_only=True):
    """An op on several inputs, which a layer names by `from`, or which its branches bring."""

    fewest: ClassVar[int] = 2
    most: ClassVar[int | None] = None
    """How many inputs it reads; None for any number."""

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield Complaint(
            f"{self.name} needs {self._numbers()}",
            hint="name them: `from: [a, b]`, or use parallel or residual",
        )

    def check_inputs(self, inputs: Inputs) -> Iterator[Complaint]:
        if len(inputs) < self.fewest or len(inputs) > (self.most or len(inputs)):
            yield from self.check(inputs[0])
        elif not self.fits(inputs):
            yield Complaint(f"{self.name} can't join {' and '.join(str(x) for x in inputs)}")

    def fits(self, inputs: Inputs) -> bool:
        """Whether the shapes can be joined."""
        raise NotImplementedError

    def _numbers(self) -> str:
        words = ("none", "one", "two", "three", "four")
        fewest = words[self.fewest]
        if self.most is None:
            return f"{fewest} inputs or more"
        return (
            f"{fewest} inputs"
            if self.most == self.fewest
            else f"{fewest} inputs or {words[self.most]}"
        )


class Broadcasting(Merge, frozen=True, kw_only=True):
    """A merge element by element, one input after the other.

    The last axes stand beside each other. An axis of length 1, or one that is missing in front,
    is taken along the whole length of the others'.
    """

    elementwise = True

    kind: ClassVar[Kind]
    """What is done for each element of an input that joins the ones before it."""

    def fits(self, inputs: Inputs) -> bool:
        return broadcasts(inputs)

    def shape_of(self, inputs: Inputs) -> Tensor:
        return self._shapes(inputs)[-1]

    def work_on(self, inputs: Inputs, y: Tensor) -> Iterator[Work]:
        yield Work(self.kind, "merge", sum(shape.elements for shape in self._shapes(inputs)))

    def _shapes(self, inputs: Inputs) -> list[Tensor]:
        """What each further input makes of the ones before it."""
        shapes = [inputs[0]]
        for other in inputs[1:]:
            shapes.append(broadcast(shapes[-1], other))
        return shapes[1:]
