"""Five networks by both of torch's exporters: the same outputs, parameters and multiplications.

torch's own outputs are the measure, and fvcore's counts of the module. Weights are random, as equal
ones are written once. Both exporters work out what they can: a batch norm becomes part of the
convolution before it.
"""

import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fvcore.nn import FlopCountAnalysis
from torch import nn
from torch.nn import functional as F  # noqa: N812

from sepconv_cli.importing.onnx_file import recorded_from_onnx
from tests.importing.onnx_models import multiplications, opaque, ops, outputs, parameters

PRODUCTS = ("conv", "linear", "matmul", "addmm", "bmm")


class Mobile(nn.Module):
    """Depthwise convolutions, squeeze and excitation, hard swish, channels shuffled."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.Hardswish()
        )
        self.depthwise = nn.Conv2d(8, 8, 5, padding=2, groups=8, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.squeeze = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(8, 4, 1),
            nn.ReLU(),
            nn.Conv2d(4, 8, 1),
            nn.Hardsigmoid(),
        )
        self.head = nn.Linear(16, 5)

    def forward(self, x: torch.Tensor) -> Any:
        x = self.stem(x)
        y = F.relu6(self.norm(self.depthwise(x)))
        y = x + y * self.squeeze(y)
        y = y.reshape(y.shape[0], 2, 4, 8, 8).transpose(1, 2).reshape(y.shape)
        left, right = y.chunk(2, dim=1)
        x = torch.cat([left, right * 2, F.silu(left), right.abs() - 1], dim=1)
        return self.head(x.mean((2, 3)))


class Unet(nn.Module):
    """Down and up again, with norms that stay, and a transposed convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList(
            [nn.Conv2d(3, 8, 3, 1, 1), nn.Conv2d(8, 8, 3, 1, 1, padding_mode="reflect")]
        )
        self.norms = nn.ModuleList([nn.GroupNorm(2, 8), nn.InstanceNorm2d(8, affine=True)])
        self.up = nn.ConvTranspose2d(8, 8, 3, 2, 1, output_padding=1)
        self.slope = nn.PReLU(8)
        self.last = nn.Conv2d(16, 2, 1)

    def forward(self, x: torch.Tensor) -> Any:
        x = F.leaky_relu(self.norms[0](self.down[0](x)), 0.2)
        y = F.elu(self.norms[1](self.down[1](F.max_pool2d(x, 2))))
        small = F.avg_pool2d(y, 2)
        y = self.slope(self.up(y)) + F.interpolate(small, size=(16, 16), mode="bilinear")
        y = y * torch.sigmoid(F.interpolate(small, scale_factor=4))
        return F.log_softmax(self.last(torch.cat([x, y], dim=1)), dim=1)


class Vision(nn.Module):
    """Patches, a class token, positions, attention of two heads, GELU, a learned scale."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 12, 4, 4)
        self.token = nn.Parameter(torch.zeros(1, 1, 12))
        self.positions = nn.Parameter(torch.zeros(1, 17, 12))
        self.norms = nn.ModuleList([nn.LayerNorm(12), nn.LayerNorm(12)])
        self.qkv, self.projection = nn.Linear(12, 36), nn.Linear(12, 12)
        self.scale = nn.Parameter(torch.zeros(12))
        self.mlp = nn.Sequential(nn.Linear(12, 24), nn.GELU(), nn.Linear(24, 12))
        self.head = nn.Linear(12, 7)

    def forward(self, x: torch.Tensor) -> Any:
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], dim=1) + self.positions
        qkv = self.qkv(self.norms[0](x)).reshape(x.shape[0], 17, 3, 2, 6).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        shares = (q @ k.transpose(-2, -1) * 6**-0.5).softmax(dim=-1)
        x = x + self.scale * self.projection((shares @ v).transpose(1, 2).reshape(x.shape))
        return self.head((x + self.mlp(self.norms[1](x)))[:, 0])


class Windows(nn.Module):
    """Attention in windows that are folded into the batch, and a learned bias of its scores."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 2, 2)
        self.norm = nn.LayerNorm(8)
        self.qkv, self.projection = nn.Linear(8, 24), nn.Linear(8, 8)
        self.bias = nn.Parameter(torch.zeros(2, 16, 16))
        self.head = nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> Any:
        x = self.norm(self.patches(x).permute(0, 2, 3, 1))
        batch = x.shape[0]
        y = x.reshape(batch, 2, 4, 2, 4, 8).transpose(2, 3).reshape(-1, 16, 8)
        q, k, v = self.qkv(y).reshape(-1, 16, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        shares = (q * 0.5 @ k.transpose(-2, -1) + self.bias).softmax(dim=-1)
        y = self.projection((shares @ v).transpose(1, 2).reshape(-1, 16, 8))
        y = y.reshape(batch, 2, 2, 4, 4, 8).transpose(2, 3).reshape(batch, 8, 8, 8)
        return self.head((x + y).mean((1, 2)))


class Standardised(nn.Module):
    """Weights that are standardised before use, a learned gain, layer norm over channels."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(8, 3, 3, 3))
        self.gain = nn.Parameter(torch.zeros(8, 1, 1, 1))
        self.norm = nn.LayerNorm(8)
        self.gamma = nn.Parameter(torch.zeros(8, 1, 1))
        self.wide = nn.Conv2d(8, 8, 3, padding=(1, 2), dilation=(1, 2))
        self.sequence = nn.Conv1d(8, 6, 3)

    def forward(self, x: torch.Tensor) -> Any:
        mean = self.weight.mean(dim=(1, 2, 3), keepdim=True)
        spread = (self.weight - mean).pow(2).mean(dim=(1, 2, 3), keepdim=True)
        x = F.conv2d(x, self.gain * (self.weight - mean) / torch.sqrt(spread + 1e-5), stride=2)
        y = self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        x = x + self.gamma * F.mish(self.wide(y))
        return self.sequence(F.pad(x.amax(dim=3), (1, 0))).softmax(dim=1).sum(dim=2)


def numbered(module: nn.Module) -> nn.Module:
    """Random weights and statistics, no two of them equal."""
    torch.manual_seed(7)
    for each in (*module.parameters(), *module.buffers()):
        if each.is_floating_point():
            each.data.uniform_(0.2, 0.9)
    return module.eval()


NETWORKS = {each.__name__: each for each in (Mobile, Unet, Vision, Windows, Standardised)}
# A learned gain of each channel becomes part of the weights that it belongs to.
FOLDED: dict[type[nn.Module], int] = {Standardised: 8}
# The older exporter writes each in another version, with a batch of one baked in.
OPSETS = {"Mobile": 11, "Unet": 13, "Vision": 14, "Windows": 16, "Standardised": 17}


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> tuple[str, nn.Module]:
    return request.param, numbered(NETWORKS[request.param]())


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)


def expected(module: nn.Module) -> tuple[int, int]:
    """Parameters, those of a batch norm as the bias of its convolution; fvcore's products."""
    norms = [each for each in module.modules() if isinstance(each, nn.BatchNorm2d)]
    folded = sum(each.num_features for each in norms) + FOLDED.get(type(module), 0)
    analysis = FlopCountAnalysis(module, torch.zeros(1, 3, 16, 16))
    counted = analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    products = sum(counted.by_operator()[name] for name in PRODUCTS)
    return sum(each.numel() for each in module.parameters()) - folded, int(products)


def assert_same(module: nn.Module, path: Path, batch: int) -> None:
    found = recorded_from_onnx(path)
    assert opaque(found) == []
    assert (parameters(found), multiplications(found)) == expected(module)
    x = np.random.default_rng(3).normal(size=(batch, 3, 16, 16)).astype(np.float32)
    with torch.no_grad():
        wanted = module(torch.from_numpy(x)).numpy()
    assert np.abs(outputs(path, x) - wanted).max() <= 1e-4 * np.abs(wanted).max()


def test_the_older_exporter(network: tuple[str, nn.Module], tmp_path: Path) -> None:
    name, module = network
    path = tmp_path / "old.onnx"
    x = torch.zeros(1, 3, 16, 16)
    torch.onnx.export(module, (x,), str(path), dynamo=False, opset_version=OPSETS[name])
    assert_same(module, path, 1)


def test_the_newer_exporter_with_an_open_batch(
    network: tuple[str, nn.Module], tmp_path: Path
) -> None:
    _, module = network
    path = tmp_path / "new.onnx"
    x = torch.zeros(2, 3, 16, 16)
    torch.onnx.export(
        module, (x,), str(path), dynamo=True, dynamic_shapes=({0: "n"},), verbose=False
    )
    assert_same(module, path, 3)


def test_names_are_those_of_the_modules(tmp_path: Path) -> None:
    module = numbered(Mobile())
    x = torch.zeros(2, 3, 16, 16)
    for dynamo in (False, True):
        path = tmp_path / f"{dynamo}.onnx"
        torch.onnx.export(module, (x,), str(path), dynamo=dynamo, verbose=False)
        found = recorded_from_onnx(path)
        layers = [
            ".".join(step.path[1:]) for step in found.steps if step.op.name in ("conv", "linear")
        ]
        assert layers == ["stem.0", "depthwise", "squeeze.1", "squeeze.3", "head"]
        assert "channel_shuffle" in ops(found)
