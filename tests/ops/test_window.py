"""What an op says that it reads is what torch's gradients reach, position by position."""

import pytest
import torch
from torch import nn

from tests.cost.gradients import POOLS, SumPool
from tests.examples import EXAMPLES, Example

WINDOWED = [example for example in EXAMPLES if example.x.size and example.op.window()]


@pytest.mark.parametrize("example", WINDOWED, ids=repr)
def test_positions_are_those_with_a_gradient(example: Example) -> None:
    """On each axis, away from the border, where padding may copy what is inside."""
    x, y = example.x, example.op.output_shape(example.x)
    window = example.op.window() or ()
    reaches = window * len(x.size) if len(window) == 1 else window
    assert len(reaches) == len(x.size)
    checked = 0
    for axis, reach in enumerate(reaches):
        for o in range(y.size[axis]):
            positions = set(reach.positions(o))
            if positions <= set(range(x.size[axis])):
                assert reached(example, axis, o) == positions
                checked += 1
    assert checked


def reached(example: Example, axis: int, o: int) -> set[int]:
    """The input positions along an axis that the output positions o on it depend on."""
    torch.manual_seed(0)
    module: nn.Module = example.module().eval().double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(1.0)
    axes = len(example.x.size)
    if isinstance(module, POOLS):
        module = SumPool(module, axes)
    x = torch.rand((1, example.x.channels, *example.x.size), dtype=torch.double).mul(0.8).add(0.1)
    y = module(x.requires_grad_())
    # Weights of which no sum over the channels is constant, as it is of a softmax.
    weights = torch.rand(y.shape, dtype=torch.double)
    (gradient,) = torch.autograd.grad((y * weights).select(axis + 2, o).sum(), x)
    along = gradient.transpose(0, axis + 2).reshape(example.x.size[axis], -1).abs().sum(dim=1)
    return set(along.nonzero().flatten().tolist())
