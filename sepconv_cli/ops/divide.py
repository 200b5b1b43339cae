"""The quotient of two inputs, element by element."""

from sepconv_cli.network import Call, Tensor
from sepconv_cli.ops._merge import Broadcasting


class Divide(Broadcasting, frozen=True, kw_only=True):
    """The first input divided by the second (torch.div).

    Inputs are taken along each other's axes as in `add`.
    """

    kind = "divide"
    most = 2
    uncounted = frozenset({"aten::div"})

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Divide", {}),)
