"""The signs of numbers."""

from sepconv_cli.ops._elementwise import Elementwise


class Sign(Elementwise, frozen=True, kw_only=True):
    """-1, 0 or 1 for each element (torch.sign): keeps the shape."""

    kind = "compare"
    uncounted = frozenset({"aten::sign"})
