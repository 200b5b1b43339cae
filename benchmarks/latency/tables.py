"""timm's tables with the work of their networks, and the split that was fixed before any look."""

import csv
import lzma
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import msgspec

from benchmarks.latency.layers import LAYERS, MEASURED, Layers, read_layers
from sepconv_cli.latency.draw import place_of
from sepconv_cli.latency.fit import TimedNetwork

_ATTENTION = frozenset({"attention", "matmul", "softmax"})
_WINDOWS = frozenset({"dense", "depthwise", "grouped"})


class Point(msgspec.Struct, frozen=True):
    """A measured network of a table."""

    measured: TimedNetwork
    family: str
    convolves: bool

    @property
    def name(self) -> str:
        """The network's, without its input size."""
        return self.measured.name.split("@")[0]

    @property
    def held_out(self) -> bool:
        """Whether it was kept from every choice of the formula and of what is usual."""
        return place_of(self.name) >= 0.5


class Table(msgspec.Struct, frozen=True):
    """A device's table: its points by the hash of their names."""

    name: str
    points: tuple[Point, ...]
    left_out: tuple[str, ...]

    @property
    def compiled(self) -> bool:
        """Whether a compiler was at work."""
        return "dynamo" in self.name

    @property
    def device(self) -> str:
        """What it was measured on; several tables may be of one device."""
        return next(each for each in ("3090", "4090", "pro6000", "10940x") if each in self.name)

    def known(self, convolves: bool = True) -> list[Point]:
        """The half that choices were made on."""
        return [each for each in self.points if not each.held_out and each.convolves == convolves]

    def unknown(self, convolves: bool = True) -> list[Point]:
        """The half that was held out."""
        return [each for each in self.points if each.held_out and each.convolves == convolves]


def read_tables(layers: Path = LAYERS, measured: Path = MEASURED) -> list[Table]:
    """All tables, in alphabetical order."""
    kept = {(each.model, each.input_size, each.merged): each for each in read_layers(layers)}
    with lzma.open(measured, "rt") as file:
        rows = list(csv.DictReader(file))
    return [
        _table(name, list(each), kept) for name, each in groupby(rows, key=lambda row: row["table"])
    ]


def _table(
    name: str, rows: Sequence[dict[str, str]], kept: dict[tuple[str, int, bool], Layers]
) -> Table:
    points: dict[tuple[str, int], Point] = {}
    left_out = []
    for row in rows:
        model, size = row["model"].split(".")[0], int(row["input_size"])
        found = kept.get((model, size, False))
        # timm's runs of PyTorch 2.9.1 merged the branches that are one convolution in inference.
        if "pt291" in name:
            found = kept.get((model, size, True), found)
        if found is None or found.opaque:
            left_out.append(row["model"])
        elif (model, size) not in points:
            points[model, size] = _point(found, row)
    ordered = sorted(points.values(), key=lambda each: (place_of(each.name), each.measured.name))
    return Table(name, tuple(ordered), tuple(left_out))


def _point(found: Layers, row: dict[str, str]) -> Point:
    samples = int(row["batch_size"])
    seconds = samples / float(row["samples_per_second"])
    windows = sum(many for work, many in found.works if work.kind in _WINDOWS)
    convolves = windows >= 4 and not any(work.kind in _ATTENTION for work, _ in found.works)
    name = f"{found.model}@{found.input_size}"
    return Point(TimedNetwork(name, found.works, samples, seconds), found.family, convolves)
