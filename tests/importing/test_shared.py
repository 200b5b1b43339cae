"""Modules that run again and tied weights, held to torch's count and to fvcore on the original."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from fvcore.nn import FlopCountAnalysis, parameter_count
from onnx import TensorProto, helper
from torch import nn
from torch.nn import functional

from sepconv_cli import compare, from_torch
from sepconv_cli.importing.imported import Imported, imported
from sepconv_cli.importing.onnx_file import from_onnx
from sepconv_cli.importing.pt2 import from_pt2
from sepconv_cli.importing.steps import Held, Recorded, Step
from sepconv_cli.lowering.lower import lower
from sepconv_cli.network import Tensor
from sepconv_cli.ops.embedding import Embedding
from sepconv_cli.ops.linear import Linear
from sepconv_cli.ops.permute import Permute


class Unit(nn.Module):
    """A residual unit."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.norm = nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 8, 1)

    def forward(self, x: torch.Tensor) -> Any:
        return self.conv2(self.norm(self.conv1(x)).relu()) + x


class Recurrent(nn.Module):
    """A block that runs three times in a row."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.unit = nn.Conv2d(3, 8, 3), Unit()

    def forward(self, x: torch.Tensor) -> Any:
        x = self.stem(x)
        for _ in range(3):
            x = self.unit(x)
        return x


class Thrice(nn.Module):
    """A convolution that runs three times in a row."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: torch.Tensor) -> Any:
        return self.conv(self.conv(self.conv(x)))


class Head(nn.Module):
    """One head over several levels, as in RetinaNet."""

    def __init__(self) -> None:
        super().__init__()
        conv = nn.Conv2d(8, 8, 3, padding=1)
        self.conv = nn.Sequential(conv, nn.GroupNorm(2, 8), nn.ReLU(), nn.Conv2d(8, 8, 1))
        self.score = nn.Conv2d(8, 4, 3, padding=1)

    def forward(self, levels: Sequence[torch.Tensor]) -> Any:
        return [self.score(self.conv(x)).flatten(2) for x in levels]


class Detector(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem, self.down = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3, 2, 1)
        self.classes, self.boxes = Head(), Head()

    def forward(self, x: torch.Tensor) -> Any:
        fine = self.stem(x)
        coarse = self.down(fine)
        levels = [fine, coarse, functional.max_pool2d(coarse, 2)]
        return torch.cat([*self.classes(levels), *self.boxes(levels)], 2)


class Scales(nn.Module):
    """A convolution for two scales, each with a batch norm of its own, as in EfficientDet."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.norms = nn.ModuleList(nn.BatchNorm2d(8) for _ in range(2))

    def forward(self, x: torch.Tensor) -> Any:
        scales = (x, functional.max_pool2d(x, 2))
        found = [norm(self.conv(y)) for norm, y in zip(self.norms, scales, strict=True)]
        return torch.cat([y.flatten(2) for y in found], 2)


class Twins(nn.Module):
    """Both halves of a product by one module."""

    def __init__(self) -> None:
        super().__init__()
        self.tower = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 3))

    def forward(self, x: torch.Tensor) -> Any:
        return self.tower(x) * self.tower(x.relu())


class Late(nn.Module):
    """What is written first in the spec runs last: a merge reads the later branch first."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: torch.Tensor) -> Any:
        first = self.conv(x.sigmoid())
        second = self.conv(x.relu())
        return second * first


class Tied(nn.Module):
    """Two modules with one parameter, and none of its own beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(6, 6, bias=False), nn.Linear(6, 6)
        self.two.weight = self.one.weight

    def forward(self, x: torch.Tensor) -> Any:
        return self.two(self.one(x).relu())


class Biased(nn.Module):
    """One matrix, and two biases."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(6, 6), nn.Linear(6, 6)
        self.two.weight = self.one.weight

    def forward(self, x: torch.Tensor) -> Any:
        return self.two(self.one(x).relu())


class Standardised(nn.Module):
    """A weight that is made of a parameter anew each time, and three parts of another one."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 3, 3, 3))
        self.parts = nn.Parameter(torch.randn(9, 3))

    def standardised(self, x: torch.Tensor) -> Any:
        weight = self.weight - self.weight.mean((1, 2, 3), keepdim=True)
        return functional.conv2d(x, weight, padding=1)

    def forward(self, x: torch.Tensor) -> Any:
        x = self.standardised(self.standardised(x)).flatten(2).transpose(1, 2)
        one, two, three = (functional.linear(x, part) for part in self.parts.chunk(3))
        return one + two * three


class Table(nn.Module):
    """A learned table that is added in two places."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(3, 8, 8))

    def forward(self, x: torch.Tensor) -> Any:
        return (x + self.table).relu() + self.table


PLANE = (3, 8, 8)
SHARING: list[tuple[Callable[[], nn.Module], tuple[int, ...], list[str]]] = [
    (
        Recurrent,
        PLANE,
        [
            "  - {unit, name: unit}",
            "  - {unit, name: unit_2, weights: unit}",
            "  - {unit, name: unit_3, weights: unit}",
        ],
    ),
    (Thrice, PLANE, ["weights: conv_1}"] * 2),
    (Detector, PLANE, ["weights: classes.conv}", "weights: boxes.score}"]),
    (Scales, PLANE, ["weights: conv_1}"]),
    (Twins, PLANE, ["weights: parallel.branch_1.tower}"]),
    (Late, PLANE, ["weights: parallel.branch_1.conv}"]),
    (Tied, (6,), ["weights: one}"]),
    (Biased, (6,), ["weights: one.weight}"]),
    (Standardised, PLANE, ["weights: conv_1}"]),
    (Table, PLANE, ["weights: learned_shift_1}"]),
]


@pytest.mark.parametrize(
    ("build", "shape", "lines"), SHARING, ids=[build.__name__ for build, _, _ in SHARING]
)
def test_torch_modules(
    build: Callable[[], nn.Module], shape: tuple[int, ...], lines: list[str]
) -> None:
    module = build().eval()
    found = from_torch(module, shape)
    for line in lines:
        assert line in found.text
    (row,) = compare(found.spec, variants=["standard"], engine="both", convention="fvcore").rows
    assert row.agrees
    assert row["parameters"] == parameter_count(module)[""]
    assert row["parameters"] == sum(parameter.numel() for parameter in module.parameters())
    counted = FlopCountAnalysis(module, torch.zeros(1, *shape)).unsupported_ops_warnings(False)
    if build is not Standardised:  # fvcore counts arithmetic on weights too
        assert (row["count"] or 0) == counted.total()


@pytest.mark.parametrize("build", [Recurrent, Scales, Detector, Twins])
def test_programs(build: Callable[[], nn.Module], tmp_path: Path) -> None:
    module = build().eval()
    program = torch.export.export(module, (torch.zeros(2, *PLANE),))
    torch.export.save(program, tmp_path / "program.pt2")
    nodes = lower(from_pt2(tmp_path / "program.pt2").spec).nodes
    assert sum(node.own_parameters for node in nodes) == parameter_count(module)[""]


def test_batch_norms_of_two_scales_are_two() -> None:
    """3 * 8 * 9 + 8 for the convolution, 16 for each norm."""
    network = lower(from_torch(Scales(), PLANE).spec)
    own = [node.own_parameters for node in network.nodes if node.op.parameters(node.x)]
    assert own == [224, 16, 0, 16]


def test_parts_of_a_parameter_are_not_the_same() -> None:
    assert from_torch(Standardised(), PLANE).text.count("weights:") == 1


def recorded(*heads: Linear) -> Recorded:
    """An embedding of 50 x 6, and linear layers on what it gives that have its weight."""
    table = Embedding(num_embeddings=50, embedding_dim=6)
    steps = [
        Step(table, ("", "table"), ("", "Embedding"), (-1,), Tensor(6, (7,)), held("table.weight")),
        Step(Permute(axes=(1, 0)), ("",), ("",), (0,), Tensor(7, (6,))),
    ]
    for at, head in enumerate(heads):
        name = f"head{at}"
        path, classes = ("", name), ("", "Linear")
        given = held("table.weight", *([f"{name}.bias"] if head.bias else []))
        steps.append(Step(head, path, classes, (1,), Tensor(7, (50,)), given))
    return Recorded("tied", Tensor(7), tuple(steps), tuple(range(2, len(steps))))


def held(*names: str) -> tuple[Held, ...]:
    return tuple(Held((name,), name) for name in names)


def test_an_embedding_tied_to_a_linear_layer() -> None:
    found = imported(recorded(Linear(out_features=50, in_features=6)))
    assert "name: head0, weights: table}" in found.text
    assert own_parameters(found) == [300, 50]


def test_turned_the_other_way_it_is_another_matrix() -> None:
    """In the file it may lie as inputs x outputs, which isn't how the embedding has it."""
    plain = recorded(Linear(out_features=50, in_features=6, bias=False))
    steps = list(plain.steps)
    turned = Held(("table.weight",), "table.weight", turned=True)
    last = steps[-1]
    steps[-1] = Step(last.op, last.path, last.classes, last.sources, last.y, (turned,))
    assert own_parameters(imported(Recorded("t", plain.input, tuple(steps), (2,)))) == [300, 300]


def own_parameters(found: Imported) -> list[int]:
    nodes = lower(found.spec).nodes
    return [node.own_parameters for node in nodes if node.op.parameters(node.x)]


def norms_in_a_row(tmp_path: Any, *, names: tuple[str, str]) -> Imported:
    """Two convolutions, each with a batch norm; the norms of equal values are stored once."""
    kernel = helper.make_tensor("k1", TensorProto.FLOAT, (3, 3, 1, 1), [0.5] * 9)
    other = helper.make_tensor("k2", TensorProto.FLOAT, (3, 3, 1, 1), [0.25] * 9)
    ones = helper.make_tensor("ones", TensorProto.FLOAT, (3,), [1.0] * 3)
    zeros = helper.make_tensor("zeros", TensorProto.FLOAT, (3,), [0.0] * 3)
    statistics = ["ones", "zeros", "zeros", "ones"]
    nodes = [
        helper.make_node("Conv", ["x", names[0]], ["a"], name="/one/Conv"),
        helper.make_node("BatchNormalization", ["a", *statistics], ["b"], name="/one/norm"),
        helper.make_node("Conv", ["b", names[1]], ["c"], name="/one/Conv_1"),
        helper.make_node("BatchNormalization", ["c", *statistics], ["y"], name="/one/norm_1"),
    ]
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 3, 4, 4]) for n in "xy"]
    held_by = [kernel, other, ones, zeros]
    graph = helper.make_graph(nodes, "g", values[:1], values[1:], held_by)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    onnx.save(model, tmp_path / "model.onnx")
    return from_onnx(tmp_path / "model.onnx")


def test_equal_norms_that_a_file_stores_once_stay_two(tmp_path: Any) -> None:
    """An exporter stores equal values once: norms that were never trained are not one."""
    assert own_parameters(norms_in_a_row(tmp_path, names=("k1", "k2"))) == [9, 6, 9, 6]


def test_norms_behind_one_convolution_are_one(tmp_path: Any) -> None:
    assert own_parameters(norms_in_a_row(tmp_path, names=("k1", "k1"))) == [9, 6, 0, 0]
