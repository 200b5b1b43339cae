"""The difference of two inputs, element by element."""

from sepconv_cli.network import Call, Tensor
from sepconv_cli.ops._merge import Broadcasting


class Subtract(Broadcasting, frozen=True, kw_only=True):
    """The first input without the second (torch.sub).

    Inputs are taken along each other's axes as in `add`.
    """

    kind = "add"
    most = 2
    uncounted = frozenset({"aten::sub"})

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Subtract", {}),)
