"""Learned summands."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Tensor, Work
from sepconv_cli.ops._learned import LearnedAlong


class LearnedShift(LearnedAlong, frozen=True, kw_only=True):
    """What arrives plus a tensor of parameters: keeps the shape. Position tables are such ones.

    `shape` is taken along as in `learned_scale`.
    """

    uncounted = frozenset({"aten::add"})

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("add", "merge", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("LearnedShift", {"shape": self.shape}),)
