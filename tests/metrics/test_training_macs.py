"""Training MACs, held to torch's own counter on forward and backward of modules written by hand."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from tests.metrics import each_layer, number


class Grouped(nn.Module):
    """A convolution of two groups as two convolutions.

    Torch's counter takes the gradient to the weights of a grouped one for that of a full one, which
    is as many times too much as there are groups.
    """

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList(nn.Conv2d(4, 3, 3, padding=1) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        halves = zip(self.parts, x.chunk(2, dim=1), strict=True)
        return torch.cat([part(half) for part, half in halves], dim=1)


class Branches(nn.Module):
    """Two convolutions that read the input, whose sum a third one reads."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = nn.Conv2d(3, 8, 1), nn.Conv2d(3, 8, 3, padding=1)
        self.last = nn.Conv2d(8, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.last(self.left(x) + self.right(x))
        return found


class Attention(nn.Module):
    """Self-attention with two heads over 6 positions of 8 channels."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.output = (nn.Linear(8, 8) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        places = x.transpose(1, 2)
        query, key, value = (
            layer(places).unflatten(2, (2, 4)).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        shares = (query @ key.transpose(2, 3) / 2).softmax(dim=3)
        found: Tensor = self.output((shares @ value).transpose(1, 2).flatten(2))
        return found.transpose(1, 2)


CONV = "conv: {out_channels: 8, kernel_size: 3, padding: 1}"
ATTENTION = "multi_head_attention: {num_heads: 2}"
CASES = {
    "one convolution needs no gradient to its input": (
        "[3, 6, 5]", f"[{CONV}]", lambda: nn.Conv2d(3, 8, 3, padding=1),
    ),
    "a chain of them": (
        "[3, 6, 5]",
        f"[{CONV}, relu, conv: {{out_channels: 4, kernel_size: 3, stride: 2}}]",
        lambda: nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 4, 3, 2)),
    ),
    "linear layers": (
        "[10]",
        "[linear: {out_features: 20}, relu, linear: {out_features: 5, bias: false}]",
        lambda: nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 5, bias=False)),
    ),
    "groups": (
        "[3, 6, 5]",
        f"[{CONV}, conv: {{out_channels: 6, kernel_size: 3, padding: 1, groups: 2}}]",
        lambda: nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), Grouped()),
    ),
    "transposed": (
        "[3, 6, 5]",
        f"[{CONV}, conv_transpose: {{out_channels: 4, kernel_size: 3, stride: 2}}]",
        lambda: nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ConvTranspose2d(8, 4, 3, 2)),
    ),
    "transposed first": (
        "[3, 6, 5]",
        "[conv_transpose: {out_channels: 4, kernel_size: 3, stride: 2}]",
        lambda: nn.ConvTranspose2d(3, 4, 3, 2),
    ),
    "two branches read the input": (
        "[3, 6, 5]",
        "[parallel: {branches: [[conv: {out_channels: 8, kernel_size: 1}], "
        f"[{CONV}]], merge: add}}, conv: {{out_channels: 4, kernel_size: 1}}]",
        Branches,
    ),
    "a batch norm first is learned, and asks for the gradient": (
        "[3, 6, 5]", f"[batch_norm, {CONV}]",
        lambda: nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 8, 3, padding=1)),
    ),
    "one without an affine map asks for none": (
        "[3, 6, 5]", f"[batch_norm: {{affine: false}}, {CONV}]",
        lambda: nn.Sequential(nn.BatchNorm2d(3, affine=False), nn.Conv2d(3, 8, 3, padding=1)),
    ),
    "attention": ("[8, 6]", f"[{ATTENTION}]", Attention),
    "attention after attention": (
        "[8, 6]", f"[{ATTENTION}, {ATTENTION}]", lambda: nn.Sequential(Attention(), Attention()),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("shape", "layers", "module"), CASES.values(), ids=CASES)
def test_it_is_what_torch_counts(shape: str, layers: str, module: Callable[[], nn.Module]) -> None:
    """Torch counts two FLOPs for each."""
    x = torch.zeros(1, *map(int, shape.strip("[]").split(",")))
    with FlopCounterMode(display=False) as counter:
        module()(x).sum().backward()
    text = f"input: {shape}\nlayers: {layers}\n"
    assert 2 * number("training_macs", text) == counter.get_total_flops()  # type: ignore[operator]


def test_by_hand() -> None:
    """Twice for the first layer, three times for the second; ReLU has no multiplications."""
    text = f"input: [3, 6, 5]\nlayers: [{CONV}, relu, conv: {{out_channels: 4, kernel_size: 1}}]\n"
    assert each_layer("training_macs", text) == [2 * 30 * 8 * 27, None, 3 * 30 * 4 * 8]
