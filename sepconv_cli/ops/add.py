"""The sum of several inputs, element by element."""

from sepconv_cli.network import Call, Tensor
from sepconv_cli.ops._merge import Broadcasting


class Add(Broadcasting, frozen=True, kw_only=True):
    """The sum of inputs (torch.add).

    The last axes stand beside each other. An axis of length 1, or one that is missing in front,
    is taken along the whole length of the others'.
    """

    kind = "add"
    uncounted = frozenset({"aten::add"})

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Add", {}),)
