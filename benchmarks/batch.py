"""Batches: against the reading of the same files, one worker against two, Dask, and memory.

`python -m benchmarks.batch` measures on 4,000 specs and up to 20,000 files for memory, in about
five minutes; with `--full` on 20,000 and 200,000, which takes many times as long.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import yaml

from benchmarks.measure import Usage, paired, process, timed

CHANNELS = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
SMALL = "input: [3, {0}, {0}]\nlayers:\n  - conv: {{out_channels: {1}, kernel_size: 3}}\n"
RUNS = 3
WORKERS = 2

Measured = tuple[str, str, tuple[float, float, float], str, str]
"""What, against what, both medians and that of the ratios, the bound, and the unit."""


class Size(NamedTuple):
    """How much is measured: specs for speed, files for memory, and runs."""

    specs: int
    few: int
    many: int
    runs: int


QUICK, FULL = Size(4_000, 2_000, 20_000, RUNS), Size(20_000, 2_000, 200_000, RUNS)


def spec(number: int) -> str:
    """A network of MobileNetV1's size, written out: 27 convolutions, 14 of which are rewritten."""
    chance = random.Random(number)
    width = chance.choice((0.25, 0.5, 0.75, 1))
    lines = [f"name: net-{number}", "input: [3, 224, 224]", "layers:"]

    def unit(channels: int, kernel: int, stride: int) -> None:
        lines.append(
            f"  - conv: {{out_channels: {channels}, kernel_size: {kernel}, stride: {stride}, "
            f"padding: {kernel // 2}, bias: false}}"
        )
        lines.extend(["  - batch_norm", "  - relu"])

    arriving = int(32 * width) + chance.randrange(8)
    unit(arriving, 3, 2)
    for channels, stride in zip(CHANNELS, STRIDES, strict=True):
        unit(arriving, 3, stride)
        arriving = int(channels * width) + chance.randrange(8)
        unit(arriving, 1, 1)
    lines += ["  - global_avg_pool", "  - flatten", "  - linear: {out_features: 1000}"]
    return "\n".join(lines) + "\n"


def written(folder: Path, count: int) -> Path:
    """A folder of so many of these."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:06}.yaml").write_text(spec(number))
    return folder


def compose(names: list[str]) -> int:
    """Only read the files as YAML, as fast as PyYAML does."""
    return sum(
        yaml.compose(Path(name).read_text(), Loader=yaml.CSafeLoader) is not None for name in names
    )


def reading(folder: Path) -> float:
    """Seconds that two processes take to read all files as YAML."""
    names = [str(path) for path in sorted(folder.iterdir())]
    chunks = [names[at : at + 200] for at in range(0, len(names), 200)]

    def read() -> None:
        with ProcessPoolExecutor(WORKERS) as pool:
            assert sum(pool.map(compose, chunks)) == len(names)

    return timed(read)


def batch(folder: Path, *options: str) -> Usage:
    """A whole run, process start and Parquet included."""
    output = folder.parent / "costs.parquet"
    return process(
        ("-m", "sepconv_cli", "batch", str(folder), "-o", str(output), "--no-cache", "-q", *options)
    )


@contextmanager
def cluster() -> Iterator[str]:
    """The address of a Dask scheduler on loopback with two workers."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scheduler.json"
        command = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
        worker = [sys.executable, "-m", "distributed.cli.dask_worker"]
        flags = ["--scheduler-file", str(file), "--no-dashboard"]
        children = [_quietly(*command, *flags, "--host", "127.0.0.1", "--port", "0")]
        try:
            while not file.exists():
                time.sleep(0.1)
            lone = ("--nthreads", "1", "--no-nanny")
            children.extend(_quietly(*worker, *flags, *lone) for _ in range(WORKERS))
            from distributed import Client

            with Client(scheduler_file=str(file)) as client:  # type: ignore[no-untyped-call]
                client.wait_for_workers(WORKERS)
            yield str(file)
        finally:
            for child in reversed(children):
                child.terminate()
                child.wait()


def _quietly(*command: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def speed(folder: Path, size: Size) -> Iterator[Measured]:
    """Against reading, one worker, and Dask."""
    what = f"batch, {size.specs:,} specs of 84 layers, four variants, to Parquet, two workers"

    def two() -> float:
        return batch(folder, "--workers", "2").seconds

    result = paired(two, lambda: reading(folder), size.runs, warm=False)
    yield what, "yaml.compose of the same files, two processes", result, "6", "s"
    result = paired(lambda: batch(folder, "--workers", "1").seconds, two, size.runs, warm=False)
    yield "the same, one worker", "two workers", result, "at least 1.8", "s"
    with cluster() as file:
        result = paired(lambda: batch(folder, "--dask", file).seconds, two, size.runs, warm=False)
    yield "the same on Dask, two workers on loopback", "two local workers", result, "1.25", "s"


def memory(folder: Path, size: Size) -> Iterator[Measured]:
    """The coordinator's peak, its workers aside, with few and with many files."""
    folders = {}
    for count in (size.few, size.many):
        folders[count] = folder / str(count)
        folders[count].mkdir()
        for number in range(count):
            text = SMALL.format(16 + number % 50, 1 + number % 99)
            (folders[count] / f"{number:06}.yaml").write_text(text)
    result = paired(
        lambda: batch(folders[size.many]).mebibytes,
        lambda: batch(folders[size.few]).mebibytes,
        1,
        warm=False,
    )
    yield (
        f"peak memory with {size.many:,} files",
        f"with {size.few:,}",
        result,
        "1.2 (flat)",
        "MiB",
    )


def measured(size: Size = QUICK) -> Iterator[Measured]:
    """All of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from speed(written(folder / "specs", size.specs), size)
        yield from memory(folder, size)


def main() -> None:
    for what, other, (first, second, ratio), bound, unit in measured(
        FULL if "--full" in sys.argv else QUICK
    ):
        print(f"{what} / {other}: {first:.4g} / {second:.4g} {unit} = {ratio:.3g} ({bound})")


if __name__ == "__main__":
    main()
