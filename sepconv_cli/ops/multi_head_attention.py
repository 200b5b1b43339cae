"""Self-attention with several heads."""

from collections.abc import Iterator

from sepconv_cli.arithmetic import prod
from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window, Work
from sepconv_cli.ops._axes import Positive
from sepconv_cli.ops._channels import check_divides
from sepconv_cli.ops.softmax import Softmax


class MultiHeadAttention(Op, frozen=True, kw_only=True):
    """Self-attention over positions (torch.nn.MultiheadAttention): C x L, which it keeps.

    Queries, keys, values and the output are projections C -> C of every position. Each of
    num_heads heads has C / num_heads channels: its scores are the products of every query
    with every key, and the shares that softmax makes of them weigh the values.
    """

    num_heads: Positive
    bias: bool = True

    # Channels are dealt to heads, and scores made shares.
    uncounted = frozenset({"aten::unflatten", "aten::softmax"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        if len(x.size) != 1:
            yield Complaint(
                "multi_head_attention needs an input with one spatial axis, "
                f"but {x} has {len(x.size)}"
            )
        yield from check_divides("num_heads", self.num_heads, x.channels)

    def inside(self, x: Tensor) -> int:
        """Queries, keys and values, and the scores of every head, before and after softmax."""
        return 3 * x.elements + 2 * self.num_heads * prod(x.size) ** 2

    def window(self) -> Window | None:
        return None

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        each = {"weight": (x.channels, x.channels, 1), "bias": (x.channels,)}
        return {
            f"{part}.{name}": shape
            for part in ("query", "key", "value", "output")
            for name, shape in each.items()
            if self.bias or name == "weight"
        }

    def parameters(self, x: Tensor) -> int:
        weights = 4 * x.channels * x.channels
        return weights + (4 * x.channels if self.bias else 0)

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        (length,) = x.size
        yield Work("multiply_add", "kernel", 4 * x.channels * x.elements)
        if self.bias:
            yield Work("add", "bias", 4 * x.elements)
        yield Work("multiply_add", "kernel", 2 * length * x.elements)
        yield Work("multiply", "activation", x.elements)
        scores = self._scores(x)
        yield from Softmax().work(scores, scores)

    def inner_products(self, x: Tensor) -> int:
        """Those of queries with keys, of shares with values, and the output's projection."""
        (length,) = x.size
        return (2 * length + x.channels) * x.elements

    def activations(self, x: Tensor, y: Tensor) -> int:
        """What four projections put out, the scores, and the sum of the weighed values."""
        return 5 * x.elements + self._scores(x).elements

    def _scores(self, x: Tensor) -> Tensor:
        """The scores of every query, which are shares over the keys."""
        (length,) = x.size
        return Tensor(length, (self.num_heads, length))

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {"in_channels": x.channels, "num_heads": self.num_heads, "bias": self.bias}
        return (("MultiHeadAttention", call),)
