"""The sum of several inputs of one shape."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Inputs, Tensor, Work
from sepconv_cli.ops._merge import Merge


class Add(Merge, frozen=True, kw_only=True):
    """The sum of inputs of one shape (torch.add): keeps the shape."""

    elementwise = True

    def fits(self, inputs: Inputs) -> bool:
        return all(x == inputs[0] for x in inputs)

    def work_on(self, inputs: Inputs, y: Tensor) -> Iterator[Work]:
        yield Work("add", "merge", (len(inputs) - 1) * y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Add", {}),)
