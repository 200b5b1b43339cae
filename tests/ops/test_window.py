"""What an op says that it reads is what torch's gradients reach, position by position."""

import pytest
import torch
from torch import nn

from sepconv_cli.network import NOTHING, Window
from tests.cost.gradients import POOLS, SumPool
from tests.examples import EXAMPLES, Example

# Steps, whose gradient is 0 wherever it is.
FLAT_EVERYWHERE = {"ceil", "floor", "round", "sign"}


def window(example: Example) -> Window:
    """One entry for each axis; none where it sees the whole input."""
    found = example.op.window_on(example.inputs) or ()
    return found * len(example.x.size) if len(found) == 1 else found


SEEN = [example for example in EXAMPLES if example.x.size and window(example)]
BLIND = [example for example in SEEN if window(example)[0] == NOTHING[0]]
WINDOWED = [
    example
    for example in SEEN
    if example not in BLIND and not example.others and example.op.name not in FLAT_EVERYWHERE
]


@pytest.mark.parametrize("example", WINDOWED, ids=repr)
def test_positions_are_those_with_a_gradient(example: Example) -> None:
    """On each axis, away from the border, where padding may copy what is inside."""
    x, y = example.x, example.op.output_shape(example.x)
    reaches = window(example)
    assert len(reaches) == len(x.size)
    checked = 0
    for axis, reach in enumerate(reaches):
        for o in range(y.size[axis]):
            positions = set(reach.positions(o))
            if positions <= set(range(x.size[axis])):
                assert reached(example, axis, o) == positions, (axis, o)
                checked += 1
    assert checked


@pytest.mark.parametrize("example", BLIND, ids=repr)
def test_what_ignores_its_input_has_no_gradient(example: Example) -> None:
    x = torch.ones((1, *example.x.axes), requires_grad=True)
    y = example.module()(x) + 0 * x.sum()
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert not gradient.any()


def reached(example: Example, axis: int, o: int) -> set[int]:
    """The input positions along an axis that the output positions o on it depend on."""
    torch.manual_seed(0)
    module: nn.Module = example.module().eval().double()
    with torch.no_grad():
        # Those that aren't learned are empty: whatever was in memory, which may be 0.
        for tensor in (*module.parameters(), *module.buffers()):
            tensor.fill_(1)
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
