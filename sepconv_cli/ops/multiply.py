"""The product of several inputs, element by element."""

from sepconv_cli.network import Call, Tensor
from sepconv_cli.ops._merge import Broadcasting


class Multiply(Broadcasting, frozen=True, kw_only=True):
    """The product of inputs (torch.mul).

    The last axes stand beside each other. An axis of length 1, or one that is missing in front,
    is taken along the others': C x 1 x 1 is multiplied into every position of C x H x W, as in
    squeeze-and-excitation.
    """

    kind = "multiply"
    uncounted = frozenset({"aten::mul"})

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Multiply", {}),)
