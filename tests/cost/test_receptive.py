"""Receptive fields: by hand, and by asking torch which input positions have a gradient."""

import pytest
import torch

from sepconv_cli import loads
from sepconv_cli.cost.receptive import receptive_fields
from sepconv_cli.lowering.lower import lower
from sepconv_cli.trace.build import build

CONV = "conv: {out_channels: 1, kernel_size: 3, padding: 1, bias: false}"


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        pytest.param(f"[{CONV}, {CONV}]", [3, 5], id="two of 3 reach 5"),
        pytest.param(
            "[conv: {out_channels: 1, kernel_size: 7, stride: 2, padding: 3}, relu,"
            " max_pool: {kernel_size: 3, stride: 2, padding: 1}]",
            [7, 7, 11],
            id="ResNet's stem: 7, then 7 + 2 * 2 = 11",
        ),
        pytest.param(
            "[conv: {out_channels: 1, kernel_size: 3, dilation: 4, padding: 4}]",
            [9],
            id="a dilated kernel",
        ),
        pytest.param(f"[residual: [{CONV}, {CONV}]]", [3, 5, 5], id="the longer of two paths"),
        pytest.param(
            f"[slice: {{axis: 1, step: 2}}, {CONV}]", [1, 5], id="every second position: 1 + 2 * 2"
        ),
        pytest.param(
            "[interpolate: {size: 128, mode: linear}, "
            "conv: {out_channels: 1, kernel_size: 5, padding: 2}]",
            [2, 4],
            id="twice as many positions, half as far apart: 2 + 4 / 2",
        ),
        pytest.param(
            f"[{CONV}, {{learned: {{shape: [1, 64]}}, name: l}}, {{add: , from: [conv, l]}}]",
            [3, 0, 3],
            id="what is learned sees nothing",
        ),
        pytest.param(f"[{CONV}, reduce: {{function: mean, axes: 0}}]", [3, 3], id="over channels"),
        pytest.param(
            f"[{CONV}, reduce: {{function: mean, axes: 1}}]", [3, None], id="over positions"
        ),
        pytest.param("[global_avg_pool, flatten]", [None, None], id="the whole input"),
    ],
)
def test_by_hand(layers: str, expected: list[int | None]) -> None:
    found = receptive_fields(lower(loads(f"input: [1, 64]\nlayers: {layers}\n")))
    assert [field and field[0] for field in found] == expected


@pytest.mark.parametrize(
    "layers",
    [
        f"[{CONV}, max_pool: {{kernel_size: 2}}, {CONV}, avg_pool: {{kernel_size: 3, stride: 2}}]",
        f"[{CONV}, residual: [{CONV}, relu], max_pool: {{kernel_size: 2}}, {CONV}]",
        "[conv: {out_channels: 1, kernel_size: 5, stride: 3}, "
        "conv: {out_channels: 1, kernel_size: 3, dilation: 2}]",
    ],
)
def test_as_torchs_gradients_say(layers: str) -> None:
    """Where weights are positive, the positions that an output hangs on have a gradient."""
    network = lower(loads(f"input: [1, 99]\nlayers: {layers}\n"))
    module = build(network)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(1.0)
    for layer in module.modules():
        if isinstance(layer, torch.nn.MaxPool1d):  # every element of a window, not the largest
            layer.forward = torch.nn.AvgPool1d(2).forward  # type: ignore[method-assign]
    x = torch.ones(1, 1, 99, requires_grad=True)
    y = module(x)
    y[0, 0, y.shape[-1] // 2].backward()
    assert x.grad is not None
    (field,) = receptive_fields(network)[-1] or (0,)
    seen = x.grad[0, 0].nonzero()
    # From the first to the last: a dilated kernel leaves gaps.
    assert int(seen.max() - seen.min()) + 1 == field
