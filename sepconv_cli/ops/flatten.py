"""All axes of a sample into one."""

from sepconv_cli.network import Call, Op, Tensor, Window


class Flatten(Op, frozen=True, kw_only=True):
    """All axes of a sample into one (torch.nn.Flatten): C x size -> C * prod(size)."""

    is_view = True

    def window(self) -> Window | None:
        return None

    def output_shape(self, x: Tensor) -> Tensor:
        return Tensor(x.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Flatten", {}),)
