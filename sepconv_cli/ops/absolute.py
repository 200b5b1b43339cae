"""Numbers without their sign."""

from sepconv_cli.ops._elementwise import Elementwise


class Absolute(Elementwise, frozen=True, kw_only=True):
    """Each element without its sign (torch.absolute): keeps the shape."""

    kind = "compare"
    uncounted = frozenset({"aten::abs"})
