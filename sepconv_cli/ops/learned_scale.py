"""Learned factors."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Tensor, Work
from sepconv_cli.ops._learned import LearnedAlong


class LearnedScale(LearnedAlong, frozen=True, kw_only=True):
    """What arrives times a tensor of parameters: keeps the shape. Layer scale is such a one.

    The last axes stand beside each other. An axis of length 1 in `shape`, or one that is missing
    in front, is taken along: C x 1 x 1 is a factor for each channel of C x H x W.
    """

    uncounted = frozenset({"aten::mul"})

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("multiply", "merge", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("LearnedScale", {"shape": self.shape}),)
