"""Programs of torch.export as specs: held to the modules that they were exported from."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from fvcore.nn import FlopCountAnalysis
from torch import nn
from torch.nn import functional

from sepconv_cli import compare, from_pt2, from_torch
from sepconv_cli.importing.pt2 import recorded_from_pt2
from sepconv_cli.lowering.lower import lower
from tests.importing.onnx_models import opaque, ops
from tests.importing.programs import assert_proven, exported, saved
from tests.importing.test_from_torch import NETWORKS


class Written(nn.Module):
    """A module of one line, with its parts."""

    def __init__(self, forward: Callable[..., Any], **parts: Any) -> None:
        super().__init__()
        self.written = forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x: torch.Tensor) -> Any:
        return self.written(self, x)


def _rare(m: Any, x: Any) -> Any:
    """Layers that core ATen gives other names, and functions with other arguments there."""
    x = functional.elu(functional.selu(m.conv(x)))
    x = torch.cat([x.chunk(2, 1)[1], (1 - x)[:, 1:3], x.roll(2, 3)[:, -2:]], 1)
    x = m.group(functional.pad(x, (1, 2, 0, 1))) / 2
    x = functional.max_pool2d(x, 3, 2, 1, ceil_mode=True)
    x = functional.interpolate(x, scale_factor=2, mode="bilinear")
    return m.up(functional.avg_pool2d(x, 2, 1, count_include_pad=False)).amax((2, 3))


def rare() -> nn.Module:
    return Written(
        _rare,
        conv=nn.Conv2d(3, 4, (3, 4), padding="same", dilation=(1, 2)),
        group=nn.GroupNorm(2, 6),
        up=nn.ConvTranspose2d(6, 4, 3, 2, 1, 1, groups=2),
    )


def attention() -> nn.Module:
    return nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, activation="gelu")


SHAPES = {name: shape for name, (_, shape) in NETWORKS.items()} | {
    "rare": (3, 9, 8),
    "encoder": (6, 8),
}
MODULES: dict[str, Callable[[], nn.Module]] = {name: kind for name, (kind, _) in NETWORKS.items()}
MODULES |= {"rare": rare, "encoder": attention}


# Exporting takes most of the time.
BATCHES = {"residual": (None,), "dense": (1,), "attention": (None, 1, 3)}


@pytest.mark.parametrize("name", MODULES)
def test_what_is_read_is_what_the_module_does(name: str, tmp_path: Path) -> None:
    """The same outputs, parameters and MACs, in either form, for one sample or any number.

    With three, what is expanded to a class token for each of them still stands for one sample.
    """
    torch.manual_seed(0)
    shape, module = SHAPES[name], MODULES[name]().eval()
    for parameter in module.parameters():
        nn.init.uniform_(parameter, -0.5, 0.5)
    macs = None
    for batch in BATCHES.get(name, (None, 1)):
        program = exported(module, shape, batch)
        for form in (program, program.run_decompositions()):
            path = saved(form, tmp_path)
            recorded = recorded_from_pt2(path)
            assert not opaque(recorded)
            assert_proven(recorded, module, *shape)
            (row,) = compare(from_pt2(path).spec, variants=["standard"], engine="analytic").rows
            assert row["parameters"] == sum(each.numel() for each in module.parameters())
            macs = macs or row["macs"]
            assert row["macs"] == macs
    if name in NETWORKS:
        # Held to fvcore where from_torch is.
        counts = FlopCountAnalysis(module, torch.zeros(1, *shape)).by_operator()
        assert macs == sum(counts[name] for name in ("conv", "linear", "matmul"))


def test_names_follow_the_modules(tmp_path: Path) -> None:
    module = NETWORKS["residual"][0]().eval()
    found = from_pt2(saved(exported(module, (3, 16, 16)), tmp_path))
    assert found.names == from_torch(module, (3, 16, 16)).names
    assert found.to_yaml().startswith("# imported from program.pt2, torch ")
    assert "repeat: 3" in found.to_yaml()


def test_open_sizes_are_given_or_those_of_the_example(tmp_path: Path) -> None:
    """A convolution of 3 x 3 without padding on H x 2H, exported with 10 x 20."""
    height = torch.export.Dim("height", min=4, max=64)
    sizes = ({0: torch.export.Dim("batch"), 2: height, 3: 2 * height},)
    example = (torch.zeros(2, 3, 10, 20),)
    conv = nn.Conv2d(3, 4, 3)
    path = saved(torch.export.export(conv, example, dynamic_shapes=sizes), tmp_path)
    assert recorded_from_pt2(path).steps[0].y.axes == (4, 8, 18)
    assert recorded_from_pt2(path, (3, 7, 14)).steps[0].y.axes == (4, 5, 12)
    assert recorded_from_pt2(path, {"input": (3, 7, 14)}).steps[0].y.axes == (4, 5, 12)


def test_calls_in_place_hand_on_what_they_wrote(tmp_path: Path) -> None:
    def forward(m: Any, x: Any) -> Any:
        y = m.conv(x)
        y += 1
        y.mul_(2)
        return functional.relu_(y) - y

    module = Written(forward, conv=nn.Conv2d(3, 4, 1))
    recorded = recorded_from_pt2(saved(exported(module, (3, 5, 5)), tmp_path))
    (last,) = recorded.outputs
    assert len(set(recorded.steps[last].sources)) == 1
    assert_proven(recorded, module, 3, 5, 5)


def test_writing_into_a_part_is_opaque_and_keeps_what_was_there(tmp_path: Path) -> None:
    def forward(m: Any, x: Any) -> Any:
        y = m.conv(x)
        y[:, 0] = 1
        return y

    module = Written(forward, conv=nn.Conv2d(3, 4, 1))
    found = from_pt2(saved(exported(module, (3, 5, 5)), tmp_path))
    assert [each.function for each in found.opaque] == ["fill_ into a part"]
    assert set(found.names) == {"conv.weight", "conv.bias"}


def test_a_part_without_gradients_is_read_where_it_stands(tmp_path: Path) -> None:
    def forward(m: Any, x: Any) -> Any:
        with torch.no_grad():
            x = m.conv(x)
        return x.relu()

    module = Written(forward, conv=nn.Conv2d(3, 4, 1))
    program = exported(module, (3, 5, 5))
    assert "wrap_with_set_grad_enabled" in str(program)
    recorded = recorded_from_pt2(saved(program, tmp_path))
    assert ops(recorded) == ["conv", "relu"]
    assert recorded.steps[0].path == ("", "conv")


def test_control_flow_on_values_is_opaque(tmp_path: Path) -> None:
    def forward(_: Any, x: Any) -> Any:
        return torch.cond(x.sum() > 0, lambda x: x + 1, lambda x: x - 1, (x,))

    found = from_pt2(saved(exported(Written(forward), (3, 5)), tmp_path))
    assert "cond" in [each.function for each in found.opaque]


def test_sizes_that_hang_on_values_are_opaque(tmp_path: Path) -> None:
    module = Written(lambda _, x: x.flatten().nonzero().sum())
    found = recorded_from_pt2(saved(exported(module, (3, 5), batch=1), tmp_path))
    assert "nonzero (its shape isn't known)" in opaque(found)


def test_a_model_of_several_inputs_takes_shapes_by_name(tmp_path: Path) -> None:
    class Two(nn.Module):
        def forward(self, left: torch.Tensor, right: torch.Tensor) -> Any:
            return torch.cat([left, right], 1)

    example = (torch.zeros(1, 3, 4), torch.zeros(1, 2, 4))
    path = saved(torch.export.export(Two(), example), tmp_path)
    (last,) = recorded_from_pt2(path, {"left": (3, 4), "right": (2, 4)}).outputs
    assert recorded_from_pt2(path).steps[last].y.axes == (5, 4)


def test_parameters_that_are_read_twice_count_once(tmp_path: Path) -> None:
    """4 x 4 + 4 = 20, and not 40."""
    module = Written(lambda m, x: m.same(m.same(x)), same=nn.Linear(4, 4))
    found = from_pt2(saved(exported(module, (4,)), tmp_path))
    assert sum(node.own_parameters for node in lower(found.spec).nodes) == 20


def test_nothing_heavy_is_imported(tmp_path: Path) -> None:
    path = saved(exported(nn.Conv2d(3, 4, 3), (3, 8, 8)), tmp_path)
    code = (
        "import sys; from sepconv_cli import from_pt2; from_pt2(sys.argv[1]); "
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    command = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "yaml" in loaded
    assert not loaded & {"torch", "numpy", "sympy", "onnx", "pickle"}
