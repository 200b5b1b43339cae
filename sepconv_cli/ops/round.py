"""Numbers rounded."""

from sepconv_cli.ops._elementwise import Elementwise


class Round(Elementwise, frozen=True, kw_only=True):
    """Each element rounded to the nearest whole number (torch.round): keeps the shape."""

    kind = "compare"
    uncounted = frozenset({"aten::round"})
