"""Network -> torch module, each node a child of its own, its weights uninitialised.

Modules are made on the meta device, where initialising costs nothing, and then given
memory that nobody writes to. The forward pass is never meant to compute anything.
"""

import torch
from torch import nn

from sepconv_cli.network import Network, Node


def build(network: Network) -> nn.Sequential:
    """The network as a module in evaluation mode; its children stand in the nodes' order."""
    with torch.device("meta"):
        module = nn.Sequential(*(_child(node) for node in network.nodes))
    for part in module.modules():
        _allocate(part)
    return module.eval()


def _child(node: Node) -> nn.Module:
    parts = [getattr(nn, name)(**arguments) for name, arguments in node.op.torch_call(node.x)]
    return parts[0] if len(parts) == 1 else nn.Sequential(*parts)


def _allocate(module: nn.Module) -> None:
    """Memory for what lives on the meta device. (`to_empty` would import all of sympy for it.)"""
    for name, parameter in module.named_parameters(recurse=False):
        empty = torch.empty(parameter.shape, dtype=parameter.dtype)
        setattr(module, name, nn.Parameter(empty, requires_grad=False))
    for name, buffer in module.named_buffers(recurse=False):
        setattr(module, name, torch.empty(buffer.shape, dtype=buffer.dtype))
