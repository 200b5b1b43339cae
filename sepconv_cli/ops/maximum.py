"""The largest of several inputs, element by element."""

from sepconv_cli.network import Call, Tensor
from sepconv_cli.ops._merge import Broadcasting


class Maximum(Broadcasting, frozen=True, kw_only=True):
    """The largest of inputs (torch.maximum).

    Inputs are taken along each other's axes as in `add`.
    """

    kind = "compare"
    uncounted = frozenset({"aten::maximum"})

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Maximum", {}),)
