"""Attention of queries to keys, whose shares weigh the values."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Inputs, Tensor, Window, Work
from sepconv_cli.ops._merge import Merge
from sepconv_cli.ops._shape import broadcasts, taken_along
from sepconv_cli.ops.matmul import Matmul, leading
from sepconv_cli.ops.softmax import Softmax


class ScaledDotProductAttention(Merge, frozen=True, kw_only=True):
    """softmax(q k^T scale) v (torch.nn.functional.scaled_dot_product_attention).

    It reads queries ... x L x E, keys ... x S x E and values ... x S x F, and hands on
    ... x L x F. A fourth input is a mask, added to the scores ... x L x S. `scale` is
    1 / sqrt(E) unless it is said. Where it is `causal`, a query sees keys up to its own position;
    all the others are counted too.
    """

    scale: float | None = None
    causal: bool = False

    fewest = 3
    most = 4
    multiplies = True

    def check_inputs(self, inputs: Inputs) -> Iterator[Complaint]:
        yield from super().check_inputs(inputs)
        if self.causal and len(inputs) > 3:
            yield Complaint("attention is either causal or has a mask", "causal")

    # Queries are multiplied by one number; scores are masked and made shares.
    uncounted = frozenset(
        {"aten::mul", "aten::add", "aten::triu", "aten::softmax", "aten::broadcast_to"}
    )

    def fits(self, inputs: Inputs) -> bool:
        query, key, value, *masks = inputs
        if min(len(x.axes) for x in (query, key, value)) < 2:
            return False
        if query.axes[-1] != key.axes[-1] or key.axes[-2] != value.axes[-2]:
            return False
        if not broadcasts(leading((query, key, value))):
            return False
        scores = self._scores(inputs)
        return all(taken_along(mask, scores) for mask in masks)

    def window(self) -> Window | None:
        return None

    def shape_of(self, inputs: Inputs) -> Tensor:
        return Matmul().shape_of((self._scores(inputs), inputs[2]))

    def work_on(self, inputs: Inputs, y: Tensor) -> Iterator[Work]:
        scores = self._scores(inputs)
        query, keys = inputs[0], scores.axes[-1]
        yield Work("multiply_add", "kernel", scores.elements * query.axes[-1] + y.elements * keys)
        yield Work("multiply", "activation", query.elements)
        if len(inputs) > 3:
            yield Work("add", "merge", scores.elements)
        yield from Softmax(axis=len(scores.axes) - 1).work(scores, scores)

    def activations_on(self, inputs: Inputs, y: Tensor) -> int:
        """The scores, and the sums of the weighed values."""
        return self._scores(inputs).elements + y.elements

    def inside_on(self, inputs: Inputs) -> int:
        """The scores, before and after softmax."""
        return 2 * self._scores(inputs).elements

    def _scores(self, inputs: Inputs) -> Tensor:
        """How well each query fits each key."""
        query, key = inputs[:2]
        turned = Tensor.of([*key.axes[:-2], key.axes[-1], key.axes[-2]])
        return Matmul().shape_of((query, turned))

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        scale = x.axes[-1] ** -0.5 if self.scale is None else self.scale
        call = {"scale": scale, "causal": self.causal}
        return (("ScaledDotProductAttention", call),)
