"""Torch modules as specs: small networks written by hand, held to torch and to fvcore."""

from typing import Any

import pytest
import torch
from fvcore.nn import FlopCountAnalysis
from torch import nn
from torch.nn import functional

from sepconv_cli import UsageError, compare, from_torch
from sepconv_cli.importing.imported import OpaqueFunction


class Unit(nn.Module):
    """A residual unit, with a convolution in its shortcut where the shape changes."""

    def __init__(self, channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out_channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.downsample = (
            nn.Conv2d(channels, out_channels, 1, stride, bias=False)
            if stride > 1 or channels != out_channels
            else nn.Identity()
        )
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> Any:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.conv2(y)
        y += self.downsample(x)
        return self.relu(y)


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.layer1 = nn.Sequential(Unit(8, 8, 1), Unit(8, 8, 1), Unit(8, 8, 1))
        self.layer2 = nn.Sequential(Unit(8, 16, 2), Unit(16, 16, 1))
        self.head = nn.Linear(16, 10)

    def forward(self, x: torch.Tensor) -> Any:
        x = self.layer2(self.layer1(self.stem(x)))
        return self.head(functional.adaptive_avg_pool2d(x, 1).flatten(1))


class Dense(nn.Module):
    """Every convolution reads all that came before it."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(4 + 4 * n, 4, 3, padding=1) for n in range(3))

    def forward(self, x: torch.Tensor) -> Any:
        seen = [x]
        for conv in self.convs:
            seen.append(conv(torch.cat(seen, 1)))
        return torch.cat(seen, 1)


class Squeeze(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(8, 2, 1), nn.Conv2d(2, 8, 1)

    def forward(self, x: torch.Tensor) -> Any:
        share = self.fc2(self.fc1(x.mean((2, 3), keepdim=True)).relu())
        return x * share.sigmoid()


class Attention(nn.Module):
    """One block of a transformer over 6 x 6 positions, with a class token and a position table."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Conv2d(3, 8, 4, 4)
        self.token = nn.Parameter(torch.zeros(1, 1, 8))
        self.table = nn.Parameter(torch.zeros(1, 37, 8))
        self.norm, self.qkv, self.out = nn.LayerNorm(8), nn.Linear(8, 24), nn.Linear(8, 8)

    def forward(self, x: torch.Tensor) -> Any:
        x = self.embed(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.table
        q, k, v = self.qkv(self.norm(x)).reshape(x.shape[0], 37, 3, 2, 4).permute(2, 0, 3, 1, 4)
        shares = ((q @ k.transpose(-2, -1)) * 0.5).softmax(-1)
        return x + self.out((shares @ v).transpose(1, 2).reshape(x.shape))


NETWORKS = {
    "residual": (Residual, (3, 16, 16)),
    "dense": (Dense, (4, 9, 9)),
    "squeeze": (Squeeze, (8, 6, 6)),
    "attention": (Attention, (3, 24, 24)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_parameters_and_multiplications_are_the_modules(name: str) -> None:
    """By torch, and by fvcore on the module as it was written."""
    kind, shape = NETWORKS[name]
    module = kind().eval()
    found = from_torch(module, shape)
    assert found.opaque == ()
    (row,) = compare(found.spec, variants=["standard"]).rows
    assert row.agrees
    assert row["parameters"] == sum(parameter.numel() for parameter in module.parameters())
    counts = FlopCountAnalysis(module, torch.zeros(1, *shape)).by_operator()
    assert row["macs"] == sum(counts[name] for name in ("conv", "linear", "matmul"))


def test_equal_modules_become_a_block_that_repeats() -> None:
    text = from_torch(Residual(), (3, 16, 16)).to_yaml()
    assert text.count("unit:") == 1 + text.count("{unit:")
    assert "repeat: 3" in text
    assert len(text.splitlines()) < 50


def test_what_nobody_can_tell_is_opaque_and_not_counted() -> None:
    class Odd(nn.Module):
        def forward(self, x: torch.Tensor) -> Any:
            return torch.cummax(x, 1)[0]

    found = from_torch(Odd(), (4, 5))
    assert found.opaque == (OpaqueFunction("cummax", 1, 20),)
    (row,) = compare(found.spec, variants=["standard"], engine="analytic").rows
    assert row.gaps


def test_a_module_that_needs_another_input_is_wrong_use() -> None:
    with pytest.raises(UsageError, match=r"Residual can't run on an input of \[4, 16, 16\]"):
        from_torch(Residual(), (4, 16, 16))
