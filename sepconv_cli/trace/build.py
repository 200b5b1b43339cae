"""Network -> torch module, each node a child of its own, its weights uninitialised.

The modules are torch's own, without the step that fills their weights: memory is
reserved and never written to. The forward pass is not meant to compute anything.
"""

from functools import cache
from math import prod

import torch
from torch import nn

from sepconv_cli.network import Network, Node


class Graph(nn.Sequential):
    """Modules that run in their order, each on the outputs that it reads."""

    def __init__(self, modules: list[nn.Module], reads: list[tuple[int, ...]]) -> None:
        super().__init__(*modules)
        self.reads = reads

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The last module's output."""
        outputs: list[torch.Tensor] = []
        for module, reads in zip(self, self.reads, strict=True):
            outputs.append(module(*(x if at < 0 else outputs[at] for at in reads)))
        return outputs[-1]


class Add(nn.Module):
    """The sum of its inputs."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """As sum() would do it, had it no 0 to start from."""
        total = inputs[0]
        for other in inputs[1:]:
            total = total + other
        return total


class Multiply(nn.Module):
    """The product of its inputs."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """The product of all."""
        return prod(inputs[1:], start=inputs[0])


class Concat(nn.Module):
    """Its inputs side by side."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """Joined along the channels."""
        return torch.cat(inputs, dim=1)


class Embedding(nn.Embedding):
    """A vector for each index, as channels."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The first vector each time, since a sample holds numbers that are no indices."""
        first = torch.zeros_like(x, dtype=torch.long)
        return super().forward(first).transpose(1, 2)


class MultiHeadAttention(nn.Module):
    """Self-attention over the positions of (N, C, L), with products that fvcore knows."""

    def __init__(self, in_channels: int, num_heads: int, bias: bool = True) -> None:
        super().__init__()
        self.shape = (num_heads, in_channels // num_heads)
        for name in ("query", "key", "value", "output"):
            self.add_module(name, _uninitialised("Conv1d")(in_channels, in_channels, 1, bias=bias))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Shares of the values; a head's channels stand together."""
        query, key, value = (
            self.get_submodule(name)(x).unflatten(1, self.shape)
            for name in ("query", "key", "value")
        )
        query = query * self.shape[1] ** -0.5
        shares = torch.matmul(query.transpose(2, 3), key).softmax(dim=3)
        heads = torch.matmul(value, shares.transpose(2, 3))
        output: torch.Tensor = self.get_submodule("output")(heads.flatten(1, 2))
        return output


_OURS: dict[str, type[nn.Module]] = {
    "Add": Add,
    "Multiply": Multiply,
    "Concat": Concat,
    "Embedding": Embedding,
    "MultiHeadAttention": MultiHeadAttention,
}


def build(network: Network) -> Graph:
    """The network as a module in evaluation mode; its children stand in the nodes' order."""
    modules = [_child(node) for node in network.nodes]
    graph = Graph(modules, [node.reads(index) for index, node in enumerate(network.nodes)])
    graph.eval().requires_grad_(False)
    return graph


def _child(node: Node) -> nn.Module:
    parts = [_uninitialised(name)(**fields) for name, fields in node.op.torch_call(node.x)]
    return parts[0] if len(parts) == 1 else nn.Sequential(*parts)


@cache
def _uninitialised(name: str) -> type[nn.Module]:
    """The class of that name, of torch.nn or ours, whose weights stay as memory happens to be."""
    kind = _OURS.get(name) or getattr(nn, name)
    return type(name, (kind,), {"reset_parameters": lambda self: None})
