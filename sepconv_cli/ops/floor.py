"""Numbers rounded down."""

from sepconv_cli.ops._elementwise import Elementwise


class Floor(Elementwise, frozen=True, kw_only=True):
    """Each element rounded down (torch.floor): keeps the shape."""

    kind = "compare"
    uncounted = frozenset({"aten::floor"})
