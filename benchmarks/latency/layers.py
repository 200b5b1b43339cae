"""The work of the tables' networks, kept in a file: `python -m benchmarks.latency.layers TABLES`.

Needs timm, and half an hour; the file that it writes needs neither. Networks with branches that
are merged for inference are there twice, as they are trained and merged.
"""

import csv
import importlib
import json
import lzma
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from sepconv_cli.latency.work import Workload, workloads
from sepconv_cli.network import Network, Node

HERE = Path(__file__).parent
LAYERS = HERE / "layers.jsonl.xz"
MEASURED = HERE / "measured.csv.xz"
_FIELDS = Workload.__struct_fields__


class Layers(msgspec.Struct, frozen=True):
    """A network at one input size. `opaque` is why its time can't be told, where it can't."""

    model: str
    input_size: int
    family: str
    merged: bool
    works: tuple[tuple[Workload, int], ...]
    opaque: str | None = None


def read_layers(path: Path = LAYERS) -> list[Layers]:
    """All networks of the file."""
    with lzma.open(path, "rt") as lines:
        return [_unpacked(json.loads(line)) for line in lines]


def _unpacked(found: dict[str, Any]) -> Layers:
    works = tuple((Workload(*numbers), many) for *numbers, many in found.pop("works"))
    return Layers(works=works, **found)


def write_layers(found: list[Layers], path: Path = LAYERS) -> None:
    """Write the networks, those of one family beside each other, which makes the file small."""
    ordered = sorted(found, key=lambda each: (each.family, each.model, each.input_size))
    with lzma.open(path, "wt", preset=9 | lzma.PRESET_EXTREME) as lines:
        for each in ordered:
            packed = msgspec.structs.asdict(each)
            packed["works"] = [
                [*(getattr(work, name) for name in _FIELDS), many] for work, many in each.works
            ]
            lines.write(json.dumps(packed, separators=(",", ":")) + "\n")


def layers_of(network: Network, **about: Any) -> Layers:
    """What is kept of a network."""
    works = workloads(network)
    opaque = next((found for found in works if isinstance(found, str)), None)
    counted = Counter(work for found in works if not isinstance(found, str) for work in found)
    return Layers(works=tuple(counted.items()), opaque=opaque, **about)


def main() -> None:
    """Import every network of the tables in a folder, and write the file."""
    from benchmarks.boxes import define_operators

    define_operators()
    warnings.filterwarnings("ignore")
    asked: set[tuple[str, int]] = set()
    for path in Path(sys.argv[1]).glob("*.csv"):
        with path.open() as file:
            asked.update((_plain(row), int(row["input_size"])) for row in csv.DictReader(file))
    found: list[Layers] = []
    for at, (model, size) in enumerate(sorted(asked)):
        print(f"{at}/{len(asked)} {model} {size}", flush=True)
        try:
            found.extend(_imported(model, size))
        except Exception as error:
            print(f"  left out: {type(error).__name__}: {str(error)[:200]}", flush=True)
    write_layers(found)


def _plain(row: dict[str, str]) -> str:
    return row["model"].split(".")[0]


def _imported(model: str, size: int) -> Iterator[Layers]:
    """A network as it is trained and, where that is another one, merged."""
    timm = importlib.import_module("timm")
    merge = importlib.import_module("timm.utils").reparameterize_model
    for options in ({}, {"img_size": size}):
        try:
            module = timm.create_model(model, **options).eval()
            network = _network(module, size)
            break
        except Exception:
            if options:
                raise
    about = {"model": model, "input_size": size, "family": type(module).__module__.split(".")[-1]}
    yield layers_of(network, merged=False, **about)
    parameters = sum(each.numel() for each in module.parameters())
    module = merge(module)
    if sum(each.numel() for each in module.parameters()) != parameters:
        yield layers_of(_network(module, size), merged=True, **about)


def _network(module: Any, size: int) -> Network:
    from sepconv_cli.importing.passes.batches import record_batches
    from sepconv_cli.importing.steps import Recorded
    from sepconv_cli.importing.translate import translate

    channels = module.default_cfg["input_size"][0]
    one, two = record_batches(module, (channels, size, size))
    recorded: Recorded = translate(type(module).__name__, one, two)
    shapes = [step.y for step in recorded.steps]
    nodes = []
    for at, step in enumerate(recorded.steps):
        x, *others = (recorded.input if read < 0 else shapes[read] for read in step.sources)
        nodes.append(Node(str(at), str(at), step.op, x, step.y, True, tuple(others), step.sources))
    return Network(recorded.input, tuple(nodes), recorded.outputs)


if __name__ == "__main__":
    main()
