"""The modules that stand for ops of which torch.nn has none, each under its op's name.

Axes count from the channels of one sample, as they do in a spec; the batch is in front of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import nn
from torch.nn import functional


class Fields(nn.Module):
    """A module that is made with an op's fields, and shows them."""

    def __init__(self, **fields: Any) -> None:
        super().__init__()
        self.fields = fields

    def extra_repr(self) -> str:
        """What stands between the parentheses of the module's text."""
        return ", ".join(f"{name}={value}" for name, value in self.fields.items())


class Reshape(Fields):
    """The elements of a sample under other axes."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The batch stays."""
        return x.reshape(-1, *self.fields["shape"])


class Permute(Fields):
    """The axes of a sample in another order."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The batch stays in front."""
        return x.permute(0, *(axis + 1 for axis in self.fields["axes"]))


class Slice(Fields):
    """Some of the positions on an axis."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Another view of what arrives."""
        start, stop, step = (self.fields[name] for name in ("start", "stop", "step"))
        return x[(slice(None),) * (self.fields["axis"] + 1) + (slice(start, stop, step),)]


class Expand(Fields):
    """Axes of length 1 taken along longer ones."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Another view of what arrives."""
        shape = self.fields["shape"]
        return _with_axes(x, len(shape) + 1).expand(-1, *shape)


class Roll(Fields):
    """Elements moved along axes."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Those that leave at the end come in at the start."""
        return x.roll(self.fields["shifts"], [axis + 1 for axis in self.fields["axes"]])


class Pad(Fields):
    """More positions around the input."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Padded by the sides in torch's order."""
        sides, mode = self.fields["padding"], self.fields["mode"]
        if mode == "zeros":
            return functional.pad(x, sides, value=self.fields["value"])
        return functional.pad(x, sides, mode=mode)


class Reduce(Fields):
    """One number for all positions on some axes."""

    _CALLS: ClassVar = {
        "mean": torch.mean,
        "sum": torch.sum,
        "max": torch.amax,
        "min": torch.amin,
        "norm": torch.linalg.vector_norm,
        "variance": torch.var,
    }

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What torch's function of several axes gives."""
        function = self.fields["function"]
        more = {"correction": self.fields["correction"]} if function == "variance" else {}
        axes = [axis + 1 for axis in self.fields["axes"]]
        found: torch.Tensor = self._CALLS[function](
            x, dim=axes, keepdim=self.fields["keepdim"], **more
        )
        return found


class Merging(Fields):
    """One input after the other joined to those before it, element by element."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """The missing axes of one are in front, behind the batch."""
        joined, *others = _aligned(inputs)
        for other in others:
            joined = self.join(joined, other)
        return joined

    def join(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """Two of them as one."""
        raise NotImplementedError


class Add(Merging):
    """The sum of its inputs."""

    def join(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """By +, as people write it."""
        return left + right


class Subtract(Merging):
    """The first input without the second."""

    def join(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """By -, as people write it."""
        return left - right


class Multiply(Merging):
    """The product of its inputs."""

    def join(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """By *, as people write it."""
        return left * right


class Divide(Merging):
    """The first input divided by the second."""

    def join(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """By /, as people write it."""
        return left / right


class Maximum(Merging):
    """The largest of its inputs."""

    def join(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """The larger of two."""
        return torch.maximum(left, right)


class Minimum(Merging):
    """The smallest of its inputs."""

    def join(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """The smaller of two."""
        return torch.minimum(left, right)


class Concat(Fields):
    """Its inputs end to end."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """Joined along an axis."""
        return torch.cat(inputs, dim=self.fields["axis"] + 1)


class Stack(Fields):
    """Its inputs side by side."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """Joined along a new axis."""
        return torch.stack(inputs, dim=self.fields["axis"] + 1)


class Matmul(Fields):
    """The matrix product of two inputs."""

    def forward(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """Over the last two axes."""
        return _product(left, right)


class ScaledDotProductAttention(Fields):
    """Attention of queries to keys, with products that fvcore knows."""

    def forward(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        mask: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """As torch's documentation writes it out."""
        scores = _product(query * self.fields["scale"], key.transpose(-2, -1))
        if mask is not None:
            scores = torch.add(*_aligned((scores, mask)))
        if self.fields["causal"]:
            later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
            scores = scores.masked_fill(later, -torch.inf)
        return _product(scores.softmax(dim=-1), value)


class Learned(Fields):
    """A tensor of parameters."""

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__(shape=shape)
        self.weight = nn.Parameter(torch.empty(shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The same for every sample; what arrives says how many there are."""
        return self.weight.expand(x.shape[0], *self.fields["shape"])


class LearnedScale(Learned):
    """Factors that are parameters."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Each element times the factor of its place."""
        return x * self.weight


class LearnedShift(Learned):
    """Summands that are parameters."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Each element plus the summand of its place."""
        return x + self.weight


class Opaque(Fields):
    """Zeros where an import couldn't tell what is done."""

    def forward(self, x: torch.Tensor, *others: torch.Tensor) -> torch.Tensor:
        """Of the shape that is known."""
        return x.new_zeros((x.shape[0], *self.fields["shape"]))


MODULES: Mapping[str, type[nn.Module]] = {
    kind.__name__: kind
    for kind in (
        Reshape,
        Permute,
        Slice,
        Expand,
        Roll,
        Pad,
        Reduce,
        Add,
        Subtract,
        Multiply,
        Divide,
        Maximum,
        Minimum,
        Concat,
        Stack,
        Matmul,
        ScaledDotProductAttention,
        Learned,
        LearnedScale,
        LearnedShift,
        Opaque,
    )
}


def _with_axes(x: torch.Tensor, count: int) -> torch.Tensor:
    """With axes of length 1 behind the batch, until there are so many."""
    while x.dim() < count:
        x = x.unsqueeze(1)
    return x


def _aligned(inputs: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Tensors whose last axes stand beside each other, and their batches."""
    count = max(x.dim() for x in inputs)
    return [_with_axes(x, count) for x in inputs]


def _product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """The matrix product. fvcore takes its size from the left, which gets all leading axes."""
    left, right = _aligned((left, right))
    lead = [max(n, m) for n, m in zip(left.shape[1:-2], right.shape[1:-2], strict=True)]
    if list(left.shape[1:-2]) != lead:
        left = left.expand(-1, *lead, -1, -1)
    return torch.matmul(left, right)
