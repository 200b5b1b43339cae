"""A network of one layer, what becomes of it, and the same counted by fvcore on torch modules."""

from collections.abc import Sequence

import torch
from fvcore.nn import FlopCountAnalysis
from torch import nn

from sepconv_cli.network import Network, Node, Op, Tensor
from sepconv_cli.variants import Variant, rewrite

X = Tensor(8, (9, 9))


def network(op: Op, x: Tensor = X, allowed: bool = True) -> Network:
    return Network(x, (Node("conv", "conv", op, x, op.output_shape(x), allowed),))


def rewritten(op: Op, variant: Variant, x: Tensor = X) -> dict[str, Op]:
    nodes = rewrite(network(op, x), variant).nodes
    return {node.name.removeprefix("conv."): node.op for node in nodes}


def counted(modules: Sequence[nn.Module], x: Tensor) -> tuple[int, int]:
    """The parameters and multiply-adds of modules that somebody wrote out by hand."""
    model = nn.Sequential(*modules)
    flops = FlopCountAnalysis(model, torch.zeros(1, x.channels, *x.size))
    return sum(each.numel() for each in model.parameters()), int(flops.total())
