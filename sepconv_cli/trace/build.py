"""Network -> torch module, each node a child of its own.

`build` is for tracing: the modules are torch's own without the step that fills their
weights, memory that is reserved and never written to. `plain` is for other people's
tools, which look at exact classes.
"""

from collections.abc import Callable
from functools import cache
from math import prod

import torch
from torch import nn

from sepconv_cli.conventions import Style
from sepconv_cli.network import Call, Network, Node
from sepconv_cli.ops.conv import Conv


class Graph(nn.Sequential):
    """Modules that run in their order, each on the tensors that it reads.

    Its outputs are those of the modules at these indices, -1 being the input.
    """

    def __init__(
        self, modules: list[nn.Module], reads: list[tuple[int, ...]], outputs: tuple[int, ...]
    ) -> None:
        super().__init__(*modules)
        self.reads = reads
        self.outputs = outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, ...]:
        """The output, or all of them where there are several."""
        written: list[torch.Tensor] = []
        for module, reads in zip(self, self.reads, strict=True):
            written.append(module(*(x if at < 0 else written[at] for at in reads)))
        found = tuple(x if at < 0 else written[at] for at in self.outputs)
        return found[0] if len(found) == 1 else found


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
        """The first vector each time, since a sample holds numbers that are no indices.

        In memory as they stand: torch runs a linear layer by another operator if it has to
        reorder what it reads.
        """
        first = torch.zeros_like(x, dtype=torch.long)
        return super().forward(first).transpose(1, 2).contiguous()


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


class Function(nn.Module):
    """A call of torch.nn.functional: a module that would make it is hidden from hooks."""

    def __init__(self, call: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.call = call

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The function's output."""
        return self.call(x)


# What people write as functions: all that has no weights.
_FUNCTIONAL = frozenset(
    {
        "relu",
        "relu6",
        "leaky_relu",
        "elu",
        "silu",
        "gelu",
        "hard_swish",
        "hard_sigmoid",
        "sigmoid",
        "tanh",
        "softmax",
        "max_pool",
        "avg_pool",
        "adaptive_avg_pool",
        "adaptive_max_pool",
        "global_avg_pool",
        "global_max_pool",
        "upsample",
    }
)


def build(network: Network) -> Graph:
    """The network as a module in evaluation mode; its children stand in the nodes' order."""
    return _graph(network, [_made(_calls(node), _uninitialised) for node in network.nodes])


def plain(network: Network, style: Style) -> Graph:
    """The same of torch's very classes, written in a style."""
    return _graph(network, [_styled(node, style) for node in network.nodes])


def _graph(network: Network, modules: list[nn.Module]) -> Graph:
    reads = [node.reads(index) for index, node in enumerate(network.nodes)]
    graph = Graph(modules, reads, network.outputs)
    graph.eval().requires_grad_(False)
    return graph


def _calls(node: Node) -> tuple[Call, ...]:
    return node.op.torch_call(node.x)


def _styled(node: Node, style: Style) -> nn.Module:
    calls = _calls(node)
    if style.string_padding and isinstance(node.op, Conv) and node.op.keeps_size:
        name, fields = calls[-1]
        fields = {**fields, "padding": "same", "padding_mode": node.op.padding_mode}
        calls = ((name, fields),)
    module = _made(calls, _known)
    if not style.functions or node.op.name not in _FUNCTIONAL:
        return module
    # The module ReLU6 calls another function than the one that people call.
    return Function(_relu6 if node.op.name == "relu6" else module.forward)


def _relu6(x: torch.Tensor) -> torch.Tensor:
    return nn.functional.relu6(x)


def _made(calls: tuple[Call, ...], kind: Callable[[str], type[nn.Module]]) -> nn.Module:
    parts = [kind(name)(**fields) for name, fields in calls]
    return parts[0] if len(parts) == 1 else nn.Sequential(*parts)


def _known(name: str) -> type[nn.Module]:
    """The class of that name, of torch.nn or ours."""
    found: type[nn.Module] = _OURS.get(name) or getattr(nn, name)
    return found


@cache
def _uninitialised(name: str) -> type[nn.Module]:
    """A class whose weights stay as memory happens to be."""
    return type(name, (_known(name),), {"reset_parameters": lambda self: None})
