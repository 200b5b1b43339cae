"""Several inputs as one, their channels side by side."""

from sepconv_cli.network import Call, Inputs, Tensor
from sepconv_cli.ops._merge import Merge


class Concat(Merge, frozen=True, kw_only=True):
    """The channels of several inputs side by side (torch.cat, dim=1): sizes are the same."""

    def fits(self, inputs: Inputs) -> bool:
        return all(x.size == inputs[0].size for x in inputs)

    def shape_of(self, inputs: Inputs) -> Tensor:
        return Tensor(sum(x.channels for x in inputs), inputs[0].size)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Concat", {}),)
