"""Channels in another order."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor
from sepconv_cli.ops._axes import Positive, check_spatial
from sepconv_cli.ops._channels import check_divides


class ChannelShuffle(Op, frozen=True, kw_only=True):
    """One channel of each group in turn (torch.nn.ChannelShuffle): keeps the shape."""

    groups: Positive

    uncounted = frozenset({"aten::channel_shuffle"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_spatial(x, "channel_shuffle")
        yield from check_divides("groups", self.groups, x.channels)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("ChannelShuffle", {"groups": self.groups}),)
