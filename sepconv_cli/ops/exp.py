"""The exponential function."""

from sepconv_cli.ops._elementwise import Elementwise


class Exp(Elementwise, frozen=True, kw_only=True):
    """e to the power of each element (torch.exp): keeps the shape."""

    kind = "transcendental"
    uncounted = frozenset({"aten::exp"})
