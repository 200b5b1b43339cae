"""Counting MobileNetV1 once with another tool: `python benchmarks/other_tools.py fvcore`."""

import sys

import torch
from torch import nn

STRIDES = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5,
           (1024, 2), (1024, 1)]  # fmt: skip


def mobilenet_v1() -> nn.Sequential:
    """MobileNetV1 1.0 at 224 as its users write it in torch."""

    def unit(i: int, o: int, kernel: int, stride: int, groups: int = 1) -> list[nn.Module]:
        conv = nn.Conv2d(i, o, kernel, stride, kernel // 2, groups=groups, bias=False)
        return [conv, nn.BatchNorm2d(o), nn.ReLU()]

    layers = unit(3, 32, 3, 2)
    channels = 32
    for out, stride in STRIDES:
        layers += unit(channels, channels, 3, stride, channels) + unit(channels, out, 1, 1)
        channels = out
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 1000)]
    return nn.Sequential(*layers, *head).eval()


def count(tool: str) -> object:
    """The tool's figure for the network."""
    model, x = mobilenet_v1(), torch.zeros(1, 3, 224, 224)
    if tool == "fvcore":
        from fvcore.nn import FlopCountAnalysis

        return FlopCountAnalysis(model, x).total()
    if tool == "ptflops":
        from ptflops import get_model_complexity_info

        return get_model_complexity_info(
            model, (3, 224, 224), print_per_layer_stat=False, as_strings=False
        )
    if tool == "thop":
        from thop import profile

        return profile(model, (x,), verbose=False)
    if tool == "torchinfo":
        from torchinfo import summary

        return summary(model, (1, 3, 224, 224), verbose=0).total_mult_adds
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        model(x)
    return counter.get_total_flops()


if __name__ == "__main__":
    print(count(sys.argv[1]))
