"""A layer that does nothing, as a placeholder."""

from sepconv_cli.network import Call, Op, Tensor


class Identity(Op, frozen=True, kw_only=True):
    """Hands its input on (torch.nn.Identity)."""

    is_view = True

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Identity", {}),)
