"""Network -> torch module, each node a child of its own.

`build_weightless` is for the second engine: its weights take no memory, and writing to them
ends the process. `build_module` is for other people's tools, which run what they count.
"""

from collections.abc import Callable, Mapping
from functools import cache

import torch
from torch import nn

from sepconv_cli.conventions import MODULES, Style, holds_parameters
from sepconv_cli.network import Call, Network, Node
from sepconv_cli.trace.modules import (
    OUR_MODULES,
    GruModule,
    LstmModule,
    RnnModule,
    ScaledDotProductAttentionModule,
    aligned,
    untraced,
)
from sepconv_cli.trace.weightless import Weightless


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


class EmbeddingModule(nn.Embedding):
    """A vector for each index, as channels."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The first vector each time, since a sample holds numbers that are no indices.

        In memory as they stand: torch runs a linear layer by another operator if it has to
        reorder what it reads.
        """
        first = torch.zeros_like(x, dtype=torch.long)
        return super().forward(first).transpose(1, 2).contiguous()


class AttentionModule(nn.Module):
    """Self-attention over the positions of (N, C, L), with products that fvcore knows."""

    def __init__(self, in_channels: int, num_heads: int, bias: bool = True) -> None:
        super().__init__()
        self.shape = (num_heads, in_channels // num_heads)
        for name in ("query", "key", "value", "output"):
            self.add_module(name, nn.Conv1d(in_channels, in_channels, 1, bias=bias))

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


class SelfAttention(nn.Module):
    """torch's own attention, over the positions of (N, C, L)."""

    def __init__(self, in_channels: int, num_heads: int, bias: bool = True) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(in_channels, num_heads, bias=bias, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What the positions make of each other."""
        positions = x.transpose(1, 2)
        output: torch.Tensor = self.attention(positions, positions, positions)[0]
        return output.transpose(1, 2)


class WholeAttention(ScaledDotProductAttentionModule):
    """torch's own function, on inputs of as many axes."""

    def forward(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        mask: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Of queries, keys, values and maybe a mask."""
        masks = [] if mask is None else [mask]
        query, key, value, *masks = aligned((query, key, value, *masks))
        return nn.functional.scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask=masks[0] if masks else None,
            is_causal=self.fields["causal"],
            scale=self.fields["scale"],
        )


class Function(nn.Module):
    """A call of torch.nn.functional: a module that would make it is hidden from hooks."""

    def __init__(self, call: Callable[..., torch.Tensor]) -> None:
        super().__init__()
        self.call = call

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """The function's output."""
        return self.call(*inputs)


_OURS: Mapping[str, type[nn.Module]] = {
    **OUR_MODULES,
    "Embedding": EmbeddingModule,
    "MultiHeadAttention": AttentionModule,
}

# What people have of torch where the second engine has to see products.
_TORCHS: Mapping[str, type[nn.Module]] = {
    "MultiHeadAttention": SelfAttention,
    "ScaledDotProductAttention": WholeAttention,
    "Lstm": untraced(LstmModule),
    "Gru": untraced(GruModule),
    "Rnn": untraced(RnnModule),
}


def _relu6(x: torch.Tensor) -> torch.Tensor:
    """As it is when it is called, which some tools wrap."""
    return nn.functional.relu6(x)


# The module ReLU6 calls another function than the one that people call.
_CALLED: Mapping[str, Callable[..., torch.Tensor]] = {"ReLU6": _relu6}


def build_weightless(network: Network) -> Graph:
    """The network as a module for tracing alone; its children stand in the nodes' order."""
    with Weightless():
        modules = [_made(node.op.torch_call(node.x), _uninitialised) for node in network.nodes]
    return _graph(network, modules)


def build_module(network: Network, style: Style = MODULES) -> Graph:
    """The network as a module in evaluation mode, written in a style."""
    return _graph(network, [_styled(node, style) for node in network.nodes])


def _graph(network: Network, modules: list[nn.Module]) -> Graph:
    _tie(network, modules)
    reads = [node.reads(index) for index, node in enumerate(network.nodes)]
    graph = Graph(modules, reads, network.outputs)
    graph.eval().requires_grad_(False)
    return graph


def _tie(network: Network, modules: list[nn.Module]) -> None:
    """Let the modules of nodes that have parameters in common have the same ones."""
    known: dict[str, nn.Parameter] = {}
    for node, module in zip(network.nodes, modules, strict=True):
        for full, common in _common_names(node, module).items() if node.ties else ():
            path, _, name = full.rpartition(".")
            owner = module.get_submodule(path)
            setattr(owner, name, known.setdefault(common, owner.get_parameter(name)))


def _common_names(node: Node, module: nn.Module) -> dict[str, str]:
    """The module's own name of each parameter that is in common, and the one for all nodes."""
    shapes, names = (
        node.op.parameter_shapes(node.x),
        [name for name, _ in module.named_parameters()],
    )
    if len(shapes) != len(names):
        # torch's own attention holds queries, keys and values in one tensor.
        return {name: f"{node.ties[0].common}.{name}" for name in names}
    own = dict(zip(shapes, names, strict=True))
    return {own[tie.tensor]: tie.common for tie in node.ties}


def _styled(node: Node, style: Style) -> nn.Module:
    op, x = node.op, node.x
    calls = op.torch_call_in_words(x) if style.string_padding else op.torch_call(x)
    module = _made(calls, _ours if style.products else _torchs)
    if not style.functions or not _is_functional(node):
        return module
    return Function(_CALLED.get(type(module).__name__, module.forward))


def _is_functional(node: Node) -> bool:
    """Whether people write it as a function: an activation, a pool, or what only moves elements."""
    roles = {item.role for item in node.op.work_on(node.inputs, node.y)}
    return roles <= {"activation", "pool"} and not holds_parameters(node)


def _made(calls: tuple[Call, ...], kind: Callable[[str], type[nn.Module]]) -> nn.Module:
    parts = [kind(name)(**fields) for name, fields in calls]
    return parts[0] if len(parts) == 1 else nn.Sequential(*parts)


def _torchs(name: str) -> type[nn.Module]:
    """The class of that name as people have it."""
    return _TORCHS.get(name) or _ours(name)


def _ours(name: str) -> type[nn.Module]:
    """The class of that name, of torch.nn or ours, whose operators are those of the op."""
    found: type[nn.Module] = _OURS.get(name) or getattr(nn, name)
    return found


@cache
def _uninitialised(name: str) -> type[nn.Module]:
    """The same without the step that fills its weights, which takes longer than all others."""
    kind = _ours(name)
    return type(kind.__name__, (kind,), {"reset_parameters": lambda self: None})
