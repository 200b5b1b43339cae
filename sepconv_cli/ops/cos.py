"""The cosine."""

from sepconv_cli.ops._elementwise import Elementwise


class Cos(Elementwise, frozen=True, kw_only=True):
    """The cosine of each element (torch.cos): keeps the shape."""

    kind = "transcendental"
    uncounted = frozenset({"aten::cos"})
