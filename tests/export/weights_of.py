"""The numbers of a torch module, under the names that an export asks for."""

from collections.abc import Iterator
from math import sqrt

import numpy as np
import torch

from sepconv_cli.conventions import TRACED
from sepconv_cli.export.weights import TensorValues, WeightValues
from sepconv_cli.network import Network
from sepconv_cli.trace.build import Graph, build_module
from sepconv_cli.trace.modules import LearnedModule


def filled(network: Network) -> Graph:
    """The module of a network, with random numbers everywhere, variances above zero."""
    torch.manual_seed(0)
    module = build_module(network, TRACED)
    tensors = (*module.named_parameters(), *module.named_buffers())
    for name, tensor in tensors:
        if tensor.is_floating_point():
            tensor.copy_(_drawn(name, tensor))
    for part in module.modules():
        if isinstance(part, LearnedModule) and hasattr(part, "values"):
            # Read from those that there are, in turn.
            reads = torch.arange(part.values.numel()) % part.weight.numel()
            part.values.copy_(part.weight[reads].view_as(part.values))
    return module


def _drawn(name: str, tensor: torch.Tensor) -> torch.Tensor:
    """So that what goes through many layers neither grows nor dies away."""
    if "var" in name:
        return torch.rand_like(tensor) + 0.5
    fan_in = tensor[0].numel() if tensor.dim() > 1 else 4
    return torch.randn_like(tensor) / sqrt(fan_in)


def weights_of(network: Network, module: Graph) -> WeightValues:
    """What `filled` has drawn."""
    found: dict[str, TensorValues] = {}
    for node, part in zip(network.nodes, module, strict=True):
        common = {tie.tensor: tie.common for tie in node.ties}
        shapes = node.op.parameter_shapes(node.x)
        own = [tensor for _, tensor in part.named_parameters()]
        for tensor, held in zip(shapes, own, strict=True):
            found[common.get(tensor, f"{node.name}.{tensor}")] = held.numpy()
        for name, buffer in _buffers(part):
            found[f"{node.name}.{name}"] = buffer.numpy()
    return lambda name, shape: found[name].reshape(shape).astype(np.float32)


def _buffers(part: torch.nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    for name, buffer in part.named_buffers():
        yield name.rpartition(".")[2], buffer
