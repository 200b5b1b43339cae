"""Specs for batches, workers that misbehave, and tables read back."""

import csv
import json
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sepconv_cli.batch.documents import Document
from sepconv_cli.batch.job import Job, program_digest
from sepconv_cli.batch.outcome import outcomes
from sepconv_cli.batch.run import Batch

JOB = Job(program=program_digest())


def spec(channels: int = 8, name: str = "", more: str = "") -> str:
    """3 -> `channels`, 3 x 3 without padding, on 8 x 8: 6 x 6 x 27 products a channel."""
    return (
        f"name: {name or f'net {channels}'}\ninput: [3, size, size]\nparameters: {{size: 8}}\n"
        f"layers:\n  - conv: {{out_channels: {channels}, kernel_size: 3, bias: false}}\n{more}"
    )


def macs(channels: int) -> int:
    """The products of the standard variant."""
    return 6 * 6 * 27 * channels


def folder_of(folder: Path, count: int) -> Path:
    """So many specs, of 1, 2, 3 ... channels."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, count + 1):
        (folder / f"{number:04}.yaml").write_text(spec(number))
    return folder


def request(folder: Path, output: Path, **options: Any) -> Batch:
    return Batch(paths=(str(folder),), output=output, **{"job": JOB, **options})


def table(file: Path) -> list[dict[str, Any]]:
    """The rows of a table, read by a reader that isn't ours."""
    if file.suffix == ".parquet":
        import pyarrow.parquet

        rows: list[dict[str, Any]] = pyarrow.parquet.read_table(file).to_pylist()
        return rows
    with file.open(newline="") as lines:
        if file.suffix == ".csv":
            return list(csv.DictReader(lines))
        return [json.loads(line) for line in lines]


def deadly(job: Job, documents: Sequence[Document]) -> list[bytes]:
    """A worker that is killed by the word `poison`."""
    if any(b"poison" in document.raw for document in documents):
        os.kill(os.getpid(), signal.SIGKILL)
    return outcomes(job, documents)


def deadly_once(job: Job, documents: Sequence[Document]) -> list[bytes]:
    """A worker that is killed the first time that it meets a document that names a file."""
    for document in documents:
        _, found, path = document.raw.decode().partition("# once ")
        if found and not Path(path.strip()).exists():
            Path(path.strip()).touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return outcomes(job, documents)


def slow(job: Job, documents: Sequence[Document]) -> list[bytes]:
    """A worker that takes its time."""
    time.sleep(0.2)
    return outcomes(job, documents)
