"""The modules that stand for ops of which torch.nn has none, each under its op's name.

Axes count from the channels of one sample, as they do in a spec; the batch is in front of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import nn
from torch.nn import functional


class FieldsModule(nn.Module):
    """A module that is made with an op's fields, and shows them."""

    def __init__(self, **fields: Any) -> None:
        super().__init__()
        self.fields = fields

    def extra_repr(self) -> str:
        """What stands between the parentheses of the module's text."""
        return ", ".join(f"{name}={value}" for name, value in self.fields.items())


class ReshapeModule(FieldsModule):
    """The elements of a sample under other axes."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The batch stays."""
        return x.reshape(-1, *self.fields["shape"])


class PermuteModule(FieldsModule):
    """The axes of a sample in another order."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The batch stays in front."""
        return x.permute(0, *(axis + 1 for axis in self.fields["axes"]))


class SliceModule(FieldsModule):
    """Some of the positions on an axis."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Another view of what arrives."""
        start, stop, step = (self.fields[name] for name in ("start", "stop", "step"))
        return x[(slice(None),) * (self.fields["axis"] + 1) + (slice(start, stop, step),)]


class ExpandModule(FieldsModule):
    """Axes of length 1 taken along longer ones."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Another view of what arrives."""
        shape = self.fields["shape"]
        return _with_axes(x, len(shape) + 1).expand(-1, *shape)


class RollModule(FieldsModule):
    """Elements moved along axes."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Those that leave at the end come in at the start."""
        return x.roll(self.fields["shifts"], [axis + 1 for axis in self.fields["axes"]])


class WindowsModule(FieldsModule):
    """Windows along an axis."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """With their positions as the last axis."""
        return x.unfold(self.fields["axis"] + 1, self.fields["length"], self.fields["step"])


class PadModule(FieldsModule):
    """More positions around the input."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Padded by the sides in torch's order."""
        sides, mode = self.fields["padding"], self.fields["mode"]
        if mode == "zeros":
            return functional.pad(x, sides, value=self.fields["value"])
        if mode == "lowest":
            return functional.pad(x, sides, value=-torch.inf)
        return functional.pad(x, sides, mode=mode)


class ReduceModule(FieldsModule):
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


class ElementwiseModule(FieldsModule):
    """A function of torch of one element."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Its value for each element."""
        found: torch.Tensor = getattr(torch, self.fields["function"])(x)
        return found


class AffineModule(FieldsModule):
    """Every element times one number, plus another."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What is 1 or 0 isn't done."""
        scale, shift = self.fields["scale"], self.fields["shift"]
        x = x if scale == 1 else x * scale
        return x if shift == 0 else x + shift


class PowerModule(FieldsModule):
    """Every element to the power of one number."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """By **, as people write it."""
        return torch.pow(x, self.fields["exponent"])


class ClampModule(FieldsModule):
    """Elements kept between two numbers."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """One of which may be left out."""
        return x.clamp(self.fields["min"], self.fields["max"])


class BatchNormModule(nn.modules.batchnorm._BatchNorm):
    """Batch normalisation over more axes than torch has a class for."""

    def _check_input_dim(self, x: torch.Tensor) -> None:
        """Any number of axes will do."""


class MergingModule(FieldsModule):
    """One input after the other joined to those before it, element by element."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """The missing axes of one are in front, behind the batch."""
        joined, *others = aligned(inputs)
        for other in others:
            joined = self.join(joined, other)
        return joined

    def join(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """Two of them as one."""
        raise NotImplementedError


class AddModule(MergingModule):
    """The sum of its inputs."""

    def join(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """By +, as people write it."""
        return left + right


class SubtractModule(MergingModule):
    """The first input without the second."""

    def join(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """By -, as people write it."""
        return left - right


class MultiplyModule(MergingModule):
    """The product of its inputs."""

    def join(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """By *, as people write it."""
        return left * right


class DivideModule(MergingModule):
    """The first input divided by the second."""

    def join(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """By /, as people write it."""
        return left / right


class MaximumModule(MergingModule):
    """The largest of its inputs."""

    def join(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """The larger of two."""
        return torch.maximum(left, right)


class MinimumModule(MergingModule):
    """The smallest of its inputs."""

    def join(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """The smaller of two."""
        return torch.minimum(left, right)


class ConcatModule(FieldsModule):
    """Its inputs end to end."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """Joined along an axis."""
        return torch.cat(inputs, dim=self.fields["axis"] + 1)


class StackModule(FieldsModule):
    """Its inputs side by side."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """Joined along a new axis."""
        return torch.stack(inputs, dim=self.fields["axis"] + 1)


class MatmulModule(FieldsModule):
    """The matrix product of two inputs."""

    def forward(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """Over the last two axes."""
        return _product(left, right)


class ScaledDotProductAttentionModule(FieldsModule):
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
            scores = torch.add(*aligned((scores, mask)))
        if self.fields["causal"]:
            later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
            scores = scores.masked_fill(later, -torch.inf)
        return _product(scores.softmax(dim=-1), value)


class LearnedModule(FieldsModule):
    """A tensor of parameters, or values that are made of so many others."""

    values: torch.Tensor

    def __init__(self, shape: Sequence[int], made_of: int | None = None) -> None:
        super().__init__(shape=shape)
        if made_of is None:
            self.weight = nn.Parameter(torch.empty(shape))
        else:
            self.parts = nn.Parameter(torch.empty(made_of))
            self.register_buffer("values", torch.empty(shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The same for every sample; what arrives says how many there are."""
        values = self.values if hasattr(self, "parts") else self.weight
        return values.expand(x.shape[0], *self.fields["shape"])


class FurtherParametersModule(nn.Module):
    """Parameters that another layer's weights are made of."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.parts = nn.Parameter(torch.empty(count))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What arrives."""
        return x


class FixedConvModule(FieldsModule):
    """The function of a convolution, on weights that are a buffer."""

    weight: torch.Tensor

    def __init__(self, kind: str, **fields: Any) -> None:
        super().__init__(kind=kind, **fields)
        inputs = fields["in_channels"] // fields["groups"]
        shape = (fields["out_channels"], inputs, *fields["kernel_size"])
        self.register_buffer("weight", torch.empty(shape))
        self.bias = nn.Parameter(torch.empty(shape[0])) if fields["bias"] else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """As with weights that are learned."""
        given = {name: self.fields[name] for name in ("stride", "dilation", "groups", "padding")}
        mode = self.fields["padding_mode"]
        if mode != "zeros":
            sides = [side for side in reversed(given["padding"]) for _ in range(2)]
            x = functional.pad(x, sides, mode=mode)
            given["padding"] = 0
        convolve = getattr(functional, self.fields["kind"].lower())
        y: torch.Tensor = convolve(x, self.weight, self.bias, **given)
        return y


class DynamicConvModule(FieldsModule):
    """The function of a convolution, whose weights are another input."""

    def forward(self, x: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        """All samples at once, each in groups of its own; no samples take no weights."""
        groups, samples = self.fields["groups"], len(x)
        convolve = getattr(functional, f"conv{x.dim() - 2}d")
        given = {name: self.fields[name] for name in ("stride", "dilation")}
        x = functional.pad(x, self.fields["padding"])
        if not samples:
            none: torch.Tensor = convolve(
                x, weights.new_zeros(weights.shape[1:]), groups=groups, **given
            )
            return none
        flat, kernels = x.reshape(1, -1, *x.shape[2:]), weights.flatten(0, 1)
        y: torch.Tensor = convolve(flat, kernels, groups=groups * samples, **given)
        return y.reshape(samples, -1, *y.shape[2:])


class GridSampleModule(FieldsModule):
    """What lies at given places of a plane."""

    def forward(self, x: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        """Axes between the batch and the channels go into the batch for it; of no samples, into
        the channels, so that as much is counted as for one."""
        lead, size = x.shape[:-2], places.shape[-3:-1]
        if len(x):
            planes, flat = x.reshape(-1, *x.shape[-3:]), places.flatten(0, -4)
        else:
            planes, flat = x.flatten(1, -3), places.new_zeros(0, *size, 2)
        return functional.grid_sample(planes, flat, **self.fields).reshape(*lead, *size)


class ConstantModule(FieldsModule):
    """A tensor that isn't learned."""

    values: torch.Tensor

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__(shape=shape)
        self.register_buffer("values", torch.empty(shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The same for every sample; what arrives says how many there are."""
        return self.values.expand(x.shape[0], *self.fields["shape"])


class FurtherInputModule(FieldsModule):
    """Zeros in place of an input that isn't the first."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """As many samples as arrive."""
        return x.new_zeros((x.shape[0], *self.fields["shape"]))


class LearnedScaleModule(LearnedModule):
    """Factors that are parameters."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Each element times the factor of its place."""
        return x * self.weight


class LearnedShiftModule(LearnedModule):
    """Summands that are parameters."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Each element plus the summand of its place."""
        return x + self.weight


class OpaqueModule(FieldsModule):
    """Zeros where an import couldn't tell what is done."""

    def forward(self, x: torch.Tensor, *others: torch.Tensor) -> torch.Tensor:
        """Of the shape that is known."""
        return x.new_zeros((x.shape[0], *self.fields["shape"]))


class RecurrentModule(nn.Module):
    """A recurrent layer of torch that hands on what it says at each step, not its last state."""

    kind: ClassVar[type[nn.RNNBase]]

    def __init__(self, **fields: Any) -> None:
        super().__init__()
        self.layers = self.kind(batch_first=True, **fields)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """torch's own, or while it is traced the same products by operators that fvcore knows."""
        return self._products(x) if torch._C._get_tracing_state() else self.whole(x)

    def whole(self, x: torch.Tensor) -> torch.Tensor:
        """By torch's own operator."""
        output: torch.Tensor = self.layers(x)[0]
        return output

    def _products(self, x: torch.Tensor) -> torch.Tensor:
        """Those of all steps at once, whose number doesn't depend on what is multiplied."""
        ends = ("", "_reverse") if self.layers.bidirectional else ("",)
        for layer in range(self.layers.num_layers):
            x = torch.cat([self._gated(x, f"l{layer}{end}") for end in ends], dim=2)
        return x

    def _gated(self, x: torch.Tensor, name: str) -> torch.Tensor:
        """As many numbers as the hidden state has."""
        size = self.layers.hidden_size
        products = [
            functional.linear(
                read,
                getattr(self.layers, f"weight_{of}_{name}"),
                getattr(self.layers, f"bias_{of}_{name}") if self.layers.bias else None,
            )
            for of, read in (("ih", x), ("hh", x[:, :, :1].expand(-1, -1, size)))
        ]
        return (products[0] + products[1])[:, :, :size]


class LstmModule(RecurrentModule):
    """Long short-term memory."""

    kind = nn.LSTM


class GruModule(RecurrentModule):
    """Gated recurrent unit."""

    kind = nn.GRU


class RnnModule(RecurrentModule):
    """Plain recurrent layer."""

    kind = nn.RNN


def untraced(kind: type[RecurrentModule]) -> type[RecurrentModule]:
    """The class whose modules call torch's own operator, whoever looks."""
    return type(kind.__name__, (kind,), {"forward": kind.whole})


OUR_MODULES: Mapping[str, type[nn.Module]] = {
    kind.__name__.removesuffix("Module"): kind
    for kind in (
        ReshapeModule,
        PermuteModule,
        SliceModule,
        ExpandModule,
        RollModule,
        WindowsModule,
        PadModule,
        ReduceModule,
        ElementwiseModule,
        AffineModule,
        PowerModule,
        ClampModule,
        BatchNormModule,
        AddModule,
        SubtractModule,
        MultiplyModule,
        DivideModule,
        MaximumModule,
        MinimumModule,
        ConcatModule,
        StackModule,
        MatmulModule,
        ScaledDotProductAttentionModule,
        LearnedModule,
        FurtherParametersModule,
        FixedConvModule,
        DynamicConvModule,
        GridSampleModule,
        ConstantModule,
        FurtherInputModule,
        LearnedScaleModule,
        LearnedShiftModule,
        OpaqueModule,
        LstmModule,
        GruModule,
        RnnModule,
    )
}


def _with_axes(x: torch.Tensor, count: int) -> torch.Tensor:
    """With axes of length 1 behind the batch, until there are so many."""
    while x.dim() < count:
        x = x.unsqueeze(1)
    return x


def aligned(inputs: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Tensors whose last axes stand beside each other, and their batches."""
    count = max(x.dim() for x in inputs)
    return [_with_axes(x, count) for x in inputs]


def _product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """The matrix product. fvcore takes its size from the left, which gets all leading axes."""
    left, right = aligned((left, right))
    lead = [max(n, m) for n, m in zip(left.shape[1:-2], right.shape[1:-2], strict=True)]
    if list(left.shape[1:-2]) != lead:
        left = left.expand(-1, *lead, -1, -1)
    return torch.matmul(left, right)
