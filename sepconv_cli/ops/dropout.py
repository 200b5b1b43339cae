"""Dropout, which does nothing in evaluation."""

from typing import Annotated

import msgspec

from sepconv_cli.network import Call, Op, Tensor

Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Dropout(Op, frozen=True, kw_only=True):
    """Dropout (torch.nn.Dropout): keeps the shape and costs nothing in evaluation."""

    p: Probability = 0.5

    is_view = True

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Dropout", {"p": self.p}),)
