"""The sine."""

from sepconv_cli.ops._elementwise import Elementwise


class Sin(Elementwise, frozen=True, kw_only=True):
    """The sine of each element (torch.sin): keeps the shape."""

    kind = "transcendental"
    uncounted = frozenset({"aten::sin"})
