"""One over the square root."""

from sepconv_cli.ops._elementwise import Elementwise


class Rsqrt(Elementwise, frozen=True, kw_only=True):
    """1 / sqrt(x) of each element (torch.rsqrt): keeps the shape."""

    kind = "transcendental"
    uncounted = frozenset({"aten::rsqrt"})
