"""How much of the input an output position depends on, as torch's gradients say."""

from math import prod

import torch
from torch import nn
from torch.nn import functional

from sepconv_cli.network import Network
from sepconv_cli.trace.build import build_module

POOLS = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)
_CONVS = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}


class SumPool(nn.Module):
    """A max pool whose gradient goes to every element of a window, not to the largest alone."""

    def __init__(self, pool: nn.MaxPool1d | nn.MaxPool2d | nn.MaxPool3d, axes: int) -> None:
        super().__init__()
        self.pool, self.axes = pool, axes

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Sums over the same windows."""
        kernel, channels = self.pool.kernel_size, x.shape[1]
        sizes = kernel if isinstance(kernel, tuple) else (kernel,) * self.axes
        weight = torch.ones(channels, 1, *sizes, dtype=x.dtype)
        return _CONVS[self.axes](
            x,
            weight,
            stride=self.pool.stride,
            padding=self.pool.padding,
            dilation=self.pool.dilation,
            groups=channels,
        )


def extents(network: Network, outputs: list[int]) -> list[int]:
    """For these positions along the first axis, in the middle of the others: from the first to
    the last input position with a gradient. All weights are 1, so that no two paths cancel."""
    axes = len(network.input.size)
    module = build_module(network).double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(1.0)
    for name, child in list(module.named_children()):
        if isinstance(child, POOLS):
            module.register_module(name, SumPool(child, axes))
    shape = (1, network.input.channels, *network.input.size)
    x = torch.ones(shape, dtype=torch.double, requires_grad=True)
    y = module(x).sum(dim=(0, 1))
    found = []
    for output in outputs:
        others = tuple(output if y.shape[0] == n else n // 2 for n in y.shape[1:])
        (gradient,) = torch.autograd.grad(y[(output, *others)], x, retain_graph=True)
        seen = gradient.transpose(0, 2).reshape(network.input.size[0], -1).sum(dim=1).nonzero()
        found.append(int(seen.max() - seen.min()) + 1 if prod(seen.shape) else 0)
    return found
