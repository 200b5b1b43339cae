"""Network -> torch module, each node a child of its own, its weights uninitialised.

The modules are torch's own, without the step that fills their weights: memory is
reserved and never written to. The forward pass is not meant to compute anything.
"""

from functools import cache

from torch import nn

from sepconv_cli.network import Network, Node


def build(network: Network) -> nn.Sequential:
    """The network as a module in evaluation mode; its children stand in the nodes' order."""
    module = nn.Sequential(*(_child(node) for node in network.nodes))
    return module.eval().requires_grad_(False)


def _child(node: Node) -> nn.Module:
    parts = [_uninitialised(name)(**fields) for name, fields in node.op.torch_call(node.x)]
    return parts[0] if len(parts) == 1 else nn.Sequential(*parts)


@cache
def _uninitialised(name: str) -> type[nn.Module]:
    """The class of torch.nn of that name, whose weights stay as memory happens to be."""
    return type(name, (getattr(nn, name),), {"reset_parameters": lambda self: None})
