"""The square root."""

from sepconv_cli.ops._elementwise import Elementwise


class Sqrt(Elementwise, frozen=True, kw_only=True):
    """The square root of each element (torch.sqrt): keeps the shape."""

    kind = "transcendental"
    uncounted = frozenset({"aten::sqrt"})
