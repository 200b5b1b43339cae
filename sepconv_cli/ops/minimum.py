"""The smallest of several inputs, element by element."""

from sepconv_cli.network import Call, Tensor
from sepconv_cli.ops._merge import Broadcasting


class Minimum(Broadcasting, frozen=True, kw_only=True):
    """The smallest of inputs (torch.minimum).

    Inputs are taken along each other's axes as in `add`.
    """

    kind = "compare"
    uncounted = frozenset({"aten::minimum"})

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Minimum", {}),)
