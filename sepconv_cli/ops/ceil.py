"""Numbers rounded up."""

from sepconv_cli.ops._elementwise import Elementwise


class Ceil(Elementwise, frozen=True, kw_only=True):
    """Each element rounded up (torch.ceil): keeps the shape."""

    kind = "compare"
    uncounted = frozenset({"aten::ceil"})
