"""Calls that write to tensors, parts of tensors, and what is made by shapes alone."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from sepconv_cli import compare, from_torch
from sepconv_cli.importing.imported import Imported
from sepconv_cli.lowering.lower import lower
from tests.importing.test_passes import held_to_torch


class Doing(nn.Module):
    """A convolution to four channels, then something."""

    def __init__(self, then: Any) -> None:
        super().__init__()
        self.conv, self.then = nn.Conv2d(3, 4, 3), then

    def forward(self, x: torch.Tensor) -> Any:
        return self.then(self.conv(x))


def _part_added(x: torch.Tensor) -> torch.Tensor:
    x[:, 1:] += x[:, :1]
    return x


def _two_axes(x: torch.Tensor) -> torch.Tensor:
    x[:, 1:3, ..., 2:] = x[:, :2, :, :4].relu()
    return x


def _through_a_view(x: torch.Tensor) -> torch.Tensor:
    x[:, 1].relu_()
    return x * 2


def _cut_before(x: torch.Tensor) -> torch.Tensor:
    first = x[:, :2]
    x.relu_()
    return first * 2


def _all_of_it(x: torch.Tensor) -> torch.Tensor:
    canvas = x.new_zeros(x.shape)
    canvas[:] = x.relu()
    return canvas


def _copied(x: torch.Tensor) -> torch.Tensor:
    canvas = x.new_full((x.shape[0], 4, 8, 8), 1.0)
    canvas[:, :, :6, :6].copy_(x)
    return canvas


def _into_out(x: torch.Tensor) -> torch.Tensor:
    sum_ = torch.empty_like(x)
    torch.add(x, x.relu(), out=sum_)
    return sum_


# What is done, and the ops that it comes to after the convolution, by hand.
DOINGS = {
    "relu_": (lambda x: x.relu_(), ["relu"]),
    "relu inplace": (lambda x: functional.relu(x, inplace=True), ["relu"]),
    "add_": (lambda x: x.add_(x.relu()), ["relu", "add"]),
    "a part": (_part_added, ["slice", "slice", "add", "slice", "concat"]),
    "two axes": (
        _two_axes,
        # The values; above and below, then left of them; the rows put together, then the channels.
        [*["slice"] * 2, "relu", *["slice"] * 4, "concat", "concat"],
    ),
    "a view": (
        _through_a_view,
        ["slice", "reshape", "relu", "reshape", "slice", "slice", "concat", "affine"],
    ),
    "what was cut before": (_cut_before, ["relu", "slice", "affine"]),
    "all of it": (_all_of_it, ["relu"]),
    # Right of it in its rows, then below.
    "copied": (_copied, ["constant", "slice", "slice", "concat", "slice", "concat"]),
    "out": (_into_out, ["relu", "add"]),
}


def _ops(found: Imported) -> list[str]:
    return sorted(node.op.name for node in lower(found.spec).nodes if node.op.name != "identity")


@pytest.mark.parametrize("name", DOINGS)
def test_what_is_written_in_place_is_read_from_then_on(name: str) -> None:
    then, ops = DOINGS[name]
    module = Doing(then)
    found = from_torch(module, (3, 8, 8))
    held_to_torch(found, module, torch.zeros(1, 3, 8, 8))
    assert _ops(found) == sorted(["conv", *ops])


def test_a_view_that_nobody_knows_how_to_cut_again_is_opaque() -> None:
    def then(x: torch.Tensor) -> torch.Tensor:
        flat = x.flatten(2)
        x.relu_()
        return flat

    assert [each.function for each in from_torch(Doing(then), (3, 8, 8)).opaque] == [
        "view_of_changed_memory"
    ]


def test_a_number_that_is_written_is_opaque() -> None:
    def then(x: torch.Tensor) -> torch.Tensor:
        x[:, 0] = 1.0
        return x

    (opaque,) = from_torch(Doing(then), (3, 8, 8)).opaque
    assert opaque.function == "__setitem__"


def _mask(x: torch.Tensor) -> torch.Tensor:
    """As Swin makes it, from the shape of what arrives."""
    regions = x.new_zeros((6, 6))
    for count, rows in enumerate((slice(0, -2), slice(-2, None))):
        regions[rows, 2:] = count
    flat = regions.view(36)
    apart = flat.unsqueeze(0) - flat.unsqueeze(1)
    mask = apart.masked_fill(apart != 0, -100.0).masked_fill(apart == 0, 0.0)
    return x.flatten(2) @ mask


@pytest.mark.parametrize(
    ("then", "constants"),
    [
        (_mask, 1),
        (lambda x: x + torch.arange(6, device=x.device), 1),
        (lambda x: x + torch.ones_like(x[0, 0]).cumsum(0), 1),
        (lambda x: x * x.new_tensor([1.0, 2, 3, 4, 5, 6]), 1),
        (lambda x: x * torch.full_like(x, 2.0), 1),
        (lambda x: x.relu() + x.clone().zero_(), 1),
        (lambda x: torch.cat([x, x[:, :0]], 1).relu(), 0),
    ],
    ids=["mask", "arange", "ones_like", "new_tensor", "full_like", "zero_", "nothing"],
)
def test_what_depends_on_shapes_alone_is_a_constant(then: Any, constants: int) -> None:
    module = Doing(then)
    found = from_torch(module, (3, 8, 8))
    held_to_torch(found, module, torch.zeros(1, 3, 8, 8))
    assert _ops(found).count("constant") == constants


class Windows(nn.Module):
    """Attention in windows of 3 x 3 that are folded into the batch, as Swin's."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(8, 24), nn.Linear(8, 8)
        self.scale = nn.Parameter(torch.ones(2, 1, 1))

    def forward(self, x: torch.Tensor) -> Any:
        count, height, width, channels = x.shape
        x = x.view(count, height // 3, 3, width // 3, 3, channels).permute(0, 1, 3, 2, 4, 5)
        x = x.reshape(-1, 9, channels)
        q, k, v = self.qkv(x).view(-1, 9, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        q, k = functional.normalize(q, dim=-1), functional.normalize(k, dim=-1)
        scores = q @ k.transpose(-2, -1) * self.scale.clamp(max=4.6).exp()
        mask = x.new_zeros(4, 9, 9)
        scores = scores.view(count, 4, 2, 9, 9) + mask.unsqueeze(1).unsqueeze(0)
        x = scores.view(-1, 2, 9, 9).softmax(-1) @ v
        return self.out(x.transpose(1, 2).reshape(-1, 9, channels))


class Frames(nn.Module):
    """The same convolution, norms and pool on every frame of a film."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 4, (3, 2), stride=2, padding=1), nn.BatchNorm2d(4)
        self.pool = nn.AvgPool2d(2, ceil_mode=True)
        self.head = nn.Conv1d(4, 6, 1, groups=2)

    def forward(self, film: torch.Tensor) -> Any:
        count, length = film.shape[:2]
        x = self.pool(self.norm(self.conv(film.flatten(0, 1))))
        x = functional.interpolate(x, scale_factor=3, mode="bilinear")
        return self.head(x.mean((2, 3)).view(count, length, 4).transpose(1, 2))


class Pair(nn.Module):
    """Two images through one encoder, their batches behind each other."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 4, 3), nn.InstanceNorm2d(4)

    def forward(self, x: torch.Tensor) -> Any:
        both = self.norm(self.conv(torch.cat([x, x * 2], 0)))
        left, right = both.chunk(2, dim=0)
        return left * right


class Clips(nn.Module):
    """A convolution over time and space of each of several heads, whose weights are the same."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv3d(4, 4, 3, (1, 2, 2), 1, groups=4)
        self.pool = nn.MaxPool3d(2)

    def forward(self, x: torch.Tensor) -> Any:
        count, channels, *size = x.shape
        x = x.reshape(count * channels // 4, 4, *size).relu()
        x = self.pool(self.conv(x))
        return x.reshape(count, channels, *x.shape[2:])


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (Windows, (6, 6, 8)),
        (Frames, (5, 3, 9, 9)),
        (Frames, (1, 3, 9, 9)),
        (Clips, (12, 4, 8, 8)),
        (Pair, (3, 8, 8)),
        (Clips, (4, 4, 8, 8)),
    ],
)
def test_what_is_folded_into_the_batch_stays_an_axis(kind: Any, shape: tuple[int, ...]) -> None:
    module = kind()
    held_to_torch(from_torch(module, shape), module, torch.zeros(1, *shape))


class OneByOne(nn.Module):
    """Samples in a loop, as detectors take images: two make more calls than one."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Conv2d(3, 4, 3)

    def forward(self, images: torch.Tensor) -> Any:
        canvas = images.new_zeros(len(images), 3, 8, 8)
        for image, place in zip(images, canvas, strict=True):
            scaled = functional.interpolate(image[None], size=(6, 6), mode="bilinear")[0]
            place[:, :6, :6].copy_(scaled)
        return self.body(canvas)


class Finder(nn.Module):
    """A detector that finds nothing in an image of zeros."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, 5)

    def forward(self, x: torch.Tensor) -> Any:
        scores = self.head(self.body(x).flatten(2).transpose(1, 2))
        return [each[each > 1e9] for each in scores]


def test_a_detector_that_finds_nothing_is_imported_up_to_there() -> None:
    """What it compares isn't told; its layers are."""
    found = from_torch(Finder(), (3, 8, 8))
    assert [each.function for each in found.opaque] == ["gt"]
    (row,) = compare(found.spec, variants=["standard"], engine="analytic").rows
    assert row["parameters"] == 4 * 27 + 4 + 4 * 5 + 5
    assert row["macs"] == 36 * (4 * 27 + 4 * 5)


def test_samples_may_be_taken_one_by_one() -> None:
    module = OneByOne()
    held_to_torch(from_torch(module, (3, 5, 5)), module, torch.zeros(1, 3, 5, 5))


class Token(nn.Module):
    """A class token that is put before the positions, and what attention gives is added to it."""

    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 1, 8))
        self.inner, self.out = nn.Linear(8, 8), nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> Any:
        token = self.token.expand(x.shape[0], -1, -1)
        found = self.inner(torch.cat([token, x], 1))[:, :1]
        return self.out(token + found)


def test_a_learned_tensor_that_is_read_twice_counts_once() -> None:
    module = Token()
    held_to_torch(from_torch(module, (5, 8)), module, torch.zeros(1, 5, 8))
