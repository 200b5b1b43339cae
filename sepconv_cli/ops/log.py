"""The natural logarithm."""

from sepconv_cli.ops._elementwise import Elementwise


class Log(Elementwise, frozen=True, kw_only=True):
    """The natural logarithm of each element (torch.log): keeps the shape."""

    kind = "transcendental"
    uncounted = frozenset({"aten::log"})
