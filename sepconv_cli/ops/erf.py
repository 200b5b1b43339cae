"""The error function."""

from sepconv_cli.ops._elementwise import Elementwise


class Erf(Elementwise, frozen=True, kw_only=True):
    """The error function of each element (torch.erf): keeps the shape."""

    kind = "transcendental"
    uncounted = frozenset({"aten::erf"})
