"""Four networks that many people hold, written by hand as their modules are usually laid out."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.nn import functional


def layers(**modules: nn.Module) -> nn.Sequential:
    return nn.Sequential(OrderedDict(modules))


class Bottleneck(nn.Module):
    """The block of He et al. 2016, its stride in the 3x3."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride > 1 or channels != 4 * width:
            conv = nn.Conv2d(channels, 4 * width, 1, stride, bias=False)
            self.downsample = nn.Sequential(conv, nn.BatchNorm2d(4 * width))

    def forward(self, x: torch.Tensor) -> Any:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(self.relu(self.bn2(self.conv2(y)))))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


def resnet_50() -> nn.Module:
    channels, stages = 64, {}
    for at, times in enumerate((3, 4, 6, 3)):
        width, blocks = 64 * 2**at, []
        for index in range(times):
            blocks.append(Bottleneck(channels, width, 2 if at and not index else 1))
            channels = 4 * width
        stages[f"layer{at + 1}"] = nn.Sequential(*blocks)
    return layers(
        conv1=nn.Conv2d(3, 64, 7, 2, 3, bias=False),
        bn1=nn.BatchNorm2d(64),
        relu=nn.ReLU(inplace=True),
        maxpool=nn.MaxPool2d(3, 2, 1),
        **stages,
        avgpool=nn.AdaptiveAvgPool2d(1),
        flatten=nn.Flatten(),
        fc=nn.Linear(2048, 1000),
    )


class ConvNormActivation(nn.Sequential):
    def __init__(
        self, c: int, out: int, kernel: int, stride: int, groups: int, act: type[nn.Module] | None
    ) -> None:
        conv = nn.Conv2d(c, out, kernel, stride, kernel // 2, groups=groups, bias=False)
        super().__init__(conv, nn.BatchNorm2d(out), *([act()] if act else []))


class Squeeze(nn.Module):
    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: torch.Tensor) -> Any:
        y = self.fc2(functional.silu(self.fc1(self.avgpool(x))))
        return x * torch.sigmoid(y)


class InvertedResidual(nn.Module):
    """The block of Sandler et al. 2018; squeezed, that of Tan & Le 2019."""

    def __init__(
        self, c: int, out: int, expand: int, kernel: int, stride: int, squeezes: bool
    ) -> None:
        super().__init__()
        act, wide = nn.SiLU if squeezes else nn.ReLU6, c * expand
        parts: list[nn.Module] = []
        if expand > 1:
            parts.append(ConvNormActivation(c, wide, 1, 1, 1, act))
        parts.append(ConvNormActivation(wide, wide, kernel, stride, wide, act))
        if squeezes:
            parts.append(Squeeze(wide, c // 4))
        parts.append(ConvNormActivation(wide, out, 1, 1, 1, None))
        self.block = nn.Sequential(*parts)
        self.adds = stride == 1 and c == out

    def forward(self, x: torch.Tensor) -> Any:
        return x + self.block(x) if self.adds else self.block(x)


V2 = ((1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 32, 3, 2, 3), (6, 64, 4, 2, 3), (6, 96, 3, 1, 3),
      (6, 160, 3, 2, 3), (6, 320, 1, 1, 3))  # fmt: skip
B0 = ((1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5),
      (6, 192, 4, 2, 5), (6, 320, 1, 1, 3))  # fmt: skip
"""Tables 2 and 1 of the papers: expansion, channels, blocks, stride of the first, kernel."""


def inverted(table: tuple[tuple[int, ...], ...], squeezes: bool) -> nn.Module:
    act: type[nn.Module] = nn.SiLU if squeezes else nn.ReLU6

    def stages() -> Iterator[nn.Module]:
        c = 32
        yield ConvNormActivation(3, c, 3, 2, 1, act)
        for expand, out, times, stride, kernel in table:
            for at in range(times):
                yield InvertedResidual(c, out, expand, kernel, 1 if at else stride, squeezes)
                c = out
        yield ConvNormActivation(c, 1280, 1, 1, 1, act)

    classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, 1000))
    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return layers(features=nn.Sequential(*stages()), pool=pool, classifier=classifier)


def mobilenet_v2() -> nn.Module:
    return inverted(V2, squeezes=False)


def efficientnet_b0() -> nn.Module:
    return inverted(B0, squeezes=True)


class ChannelNorm(nn.LayerNorm):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvNeXtBlock(nn.Module):
    """The block of Liu et al. 2022."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(c, c, 7, padding=3, groups=c)
        self.norm = nn.LayerNorm(c, eps=1e-6)
        self.pwconv1 = nn.Linear(c, 4 * c)
        self.pwconv2 = nn.Linear(4 * c, c)
        self.gamma = nn.Parameter(torch.full((c,), 1e-6))

    def forward(self, x: torch.Tensor) -> Any:
        y = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        y = self.gamma * self.pwconv2(functional.gelu(self.pwconv1(y)))
        return x + y.permute(0, 3, 1, 2)


def convnext_tiny() -> nn.Module:
    channels = (96, 192, 384, 768)
    parts: list[nn.Module] = [nn.Sequential(nn.Conv2d(3, 96, 4, 4), ChannelNorm(96, 1e-6))]
    for at, (c, times) in enumerate(zip(channels, (3, 3, 9, 3), strict=True)):
        if at:
            before = channels[at - 1]
            parts.append(nn.Sequential(ChannelNorm(before, 1e-6), nn.Conv2d(before, c, 2, 2)))
        parts.append(nn.Sequential(*(ConvNeXtBlock(c) for _ in range(times))))
    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return layers(
        features=nn.Sequential(*parts),
        pool=pool,
        norm=nn.LayerNorm(768, eps=1e-6),
        head=nn.Linear(768, 1000),
    )
