"""Small modules, one for each way of writing that networks have; test_functions.py imports them."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional


class StandardisedConv(nn.Conv2d):
    """Weights without mean, of a variance of one, and with a gain for each output channel."""

    def __init__(self) -> None:
        super().__init__(4, 8, 3, padding=1)
        self.gain = nn.Parameter(torch.ones(8, 1, 1, 1))

    def forward(self, x: torch.Tensor) -> Any:
        flat = self.weight.reshape(1, 8, -1)
        gain = (self.gain * 0.5).view(-1)
        weight = functional.batch_norm(flat, None, None, weight=gain, training=True, momentum=0.0)
        return functional.conv2d(x, weight.reshape_as(self.weight), self.bias, padding=1)


class RelativePositions(nn.Module):
    """Attention whose scores get biases that an index reads from a small table."""

    index: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(8, 24)
        self.table = nn.Parameter(torch.zeros(7, 2))
        positions = torch.arange(4)
        self.register_buffer("index", positions[:, None] - positions[None, :] + 3)

    def forward(self, x: torch.Tensor) -> Any:
        q, k, v = self.qkv(x).reshape(-1, 4, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        bias = self.table[self.index.view(-1)].view(4, 4, 2).permute(2, 0, 1).unsqueeze(0)
        shares = ((q @ k.transpose(-2, -1)) + bias).softmax(-1)
        return (shares @ v).transpose(1, 2).reshape(-1, 4, 8)


class TorchAttention(nn.Module):
    """torch's own module, of which one input differs: its projection is taken apart."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(8, 8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: torch.Tensor) -> Any:
        return self.attention(self.query(x), x, x)[0]


class SelfAttention(nn.Module):
    """The same of one input, without the shares: torch's fused function."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: torch.Tensor) -> Any:
        return self.attention(x, x, x, need_weights=False)[0]


class ResponseNorm(nn.Module):
    """The global response norm of ConvNeXt V2, its last steps in one call."""

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.zeros(4)), nn.Parameter(torch.zeros(4))

    def forward(self, x: torch.Tensor) -> Any:
        norm = x.norm(p=2, dim=(2, 3), keepdim=True)
        share = norm / (norm.mean(dim=1, keepdim=True) + 1e-6)
        bias, weight = self.bias.view(1, -1, 1, 1), self.weight.view(1, -1, 1, 1)
        return x + torch.addcmul(bias, weight, x * share)


class FoldedNorm(nn.Module):
    """Positions stand in the batch, so that a norm finds the channels on the second axis."""

    def __init__(self) -> None:
        super().__init__()
        self.linear, self.norm = nn.Linear(8, 4), nn.BatchNorm1d(4)

    def forward(self, x: torch.Tensor) -> Any:
        x = self.linear(x)
        return self.norm(x.flatten(0, 1)).reshape_as(x)


class OverlappingWindows(nn.Module):
    """Blocks of 2 x 2 with a halo of one position around each."""

    def __init__(self) -> None:
        super().__init__()
        self.key = nn.Conv2d(3, 4, 1)

    def forward(self, x: torch.Tensor) -> Any:
        keys = functional.pad(self.key(x), [1, 1, 1, 1]).unfold(2, 4, 2).unfold(3, 4, 2)
        return keys.reshape(-1, 4, 9, 16).permute(0, 2, 3, 1)


class CosineAttention(nn.Module):
    """Scores between directions, with a learned factor that is bounded and an exponential."""

    def __init__(self) -> None:
        super().__init__()
        self.qk = nn.Linear(8, 16)
        self.scale = nn.Parameter(torch.zeros(2, 1, 1))

    def forward(self, x: torch.Tensor) -> Any:
        q, k = self.qk(x).reshape(-1, 5, 2, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        scores = functional.normalize(q, dim=-1) @ functional.normalize(k, dim=-1).mT
        return (scores * self.scale.clamp(max=math.log(100)).exp()).softmax(dim=-1)


class Blurred(nn.Module):
    """A blur before a stride: its kernel is a buffer."""

    kernel: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.register_buffer("kernel", torch.full((4, 1, 3, 3), 1 / 9))

    def forward(self, x: torch.Tensor) -> Any:
        x = functional.pad(self.conv(x), (1, 1, 1, 1), "reflect")
        return functional.conv2d(x, self.kernel, stride=2, groups=4)


class PaddedPool(nn.Module):
    """A max pool that is padded at one end, by what no maximum is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, x: torch.Tensor) -> Any:
        x = functional.pad(self.conv(x), (0, 1, 0, 1), value=-float("inf"))
        return functional.max_pool2d(x, 3, 2)


class PartlyLearnedBias(nn.Module):
    """Queries and values have a bias, keys have none."""

    key_bias: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(8, 24, bias=False)
        self.query_bias = nn.Parameter(torch.zeros(8))
        self.value_bias = nn.Parameter(torch.zeros(8))
        self.register_buffer("key_bias", torch.zeros(8))

    def forward(self, x: torch.Tensor) -> Any:
        bias = torch.cat((self.query_bias, self.key_bias, self.value_bias))
        return functional.linear(x, self.qkv.weight, bias)


class FactorAlone(nn.Module):
    """A group norm with a factor and no shift."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.weight = nn.Conv2d(3, 4, 1), nn.Parameter(torch.ones(4))

    def forward(self, x: torch.Tensor) -> Any:
        return functional.group_norm(self.conv(x), 1, self.weight, None)


class QueriesForWindows(nn.Module):
    """One sample's queries for each of the windows that stand in the batch (GC ViT)."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> Any:
        windows = x.reshape(-1, 4, 4)
        queries = self.query(x[:, :4]).repeat_interleave(3, dim=0)
        return queries @ self.key(windows).transpose(1, 2)


class Gated(nn.Module):
    """One parameter that is used in two ways: what one side gets the other hasn't (ConViT)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.gate = nn.Conv2d(3, 4, 1), nn.Parameter(torch.zeros(4, 1, 1))

    def forward(self, x: torch.Tensor) -> Any:
        x, gate = self.conv(x), self.gate.sigmoid()
        return x * (1 - gate) + x.relu() * gate


class LatentQuery(nn.Module):
    """A learned query that is expanded to every sample before it is projected."""

    def __init__(self) -> None:
        super().__init__()
        self.latent = nn.Parameter(torch.zeros(1, 1, 8))
        self.query, self.key_value = nn.Linear(8, 8), nn.Linear(8, 16)

    def forward(self, x: torch.Tensor) -> Any:
        query = self.query(self.latent.expand(x.shape[0], -1, -1))
        key, value = self.key_value(x).chunk(2, dim=-1)
        return functional.scaled_dot_product_attention(query, key, value)


class ConditionalConv(nn.Module):
    """Weights that each sample mixes out of two kernels, in groups that stand for the samples."""

    def __init__(self) -> None:
        super().__init__()
        self.kernels = nn.Parameter(torch.zeros(2, 4 * 3 * 3 * 3))
        self.routing = nn.Linear(6, 2)

    def forward(self, x: torch.Tensor) -> Any:
        weight = torch.sigmoid(self.routing(x.mean((2, 3)))) @ self.kernels
        weight = weight.view(-1, 3, 3, 3)
        flat = x.reshape(1, -1, *x.shape[2:])
        found = functional.conv2d(flat, weight, padding=1, groups=2 * len(x))
        return found.view(len(x), 4, *found.shape[2:])


class Warping(nn.Module):
    """An image read at places that are worked out of it, and so are both halves in the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.places = nn.Conv2d(4, 2, 3, padding=1)

    def forward(self, x: torch.Tensor) -> Any:
        places = self.places(x).tanh().permute(0, 2, 3, 1)
        x = functional.grid_sample(x, places, align_corners=True)
        halves = x.reshape(-1, 2, 6, 5)
        both = places.repeat_interleave(2, 0)
        return functional.grid_sample(halves, both, "bilinear", "border", align_corners=False)


class Remembering(nn.Module):
    """Its first pass makes what later ones find."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.table = nn.Conv2d(3, 4, 1), nn.Parameter(torch.zeros(4, 2))
        self.kept: dict[str, torch.Tensor] = {}

    def forward(self, x: torch.Tensor) -> Any:
        if "bias" not in self.kept:
            self.kept["bias"] = self.table.repeat_interleave(3, dim=1).view(1, 4, 1, 6)
        return self.conv(x) + self.kept["bias"]


class MixedKernels(nn.Module):
    """A row for each sample, times a matrix of parameters (the experts of CondConv)."""

    def __init__(self) -> None:
        super().__init__()
        self.experts = nn.Parameter(torch.zeros(4, 20))

    def forward(self, x: torch.Tensor) -> Any:
        return torch.matmul(x.mean((2, 3)).sigmoid(), self.experts)


Network = tuple[Callable[[], nn.Module], tuple[int, ...]]

MODULES: dict[str, Network] = {
    "weights that are standardised": (StandardisedConv, (4, 6, 6)),
    "biases of relative positions": (RelativePositions, (4, 8)),
    "torch's attention of two inputs": (TorchAttention, (5, 8)),
    "torch's attention of one input": (SelfAttention, (5, 8)),
    "global response norm": (ResponseNorm, (4, 6, 6)),
    "batch norm of positions in the batch": (FoldedNorm, (5, 8)),
    "windows that overlap": (OverlappingWindows, (3, 6, 6)),
    "cosine attention": (CosineAttention, (5, 8)),
    "a row for each sample": (MixedKernels, (4, 6, 6)),
    "a blur": (Blurred, (3, 9, 9)),
    "a pool padded below every number": (PaddedPool, (3, 6, 6)),
    "a bias that is partly learned": (PartlyLearnedBias, (5, 8)),
    "a group norm without a shift": (FactorAlone, (3, 6, 6)),
    "queries for windows in the batch": (QueriesForWindows, (12, 4)),
    "a parameter used in two ways": (Gated, (3, 6, 6)),
    "weights of each sample": (ConditionalConv, (6, 7, 5)),
    "an image at given places": (Warping, (4, 6, 5)),
    "a learned query for every sample": (LatentQuery, (5, 8)),
    "a table that is kept for the next pass": (Remembering, (3, 6, 6)),
}
