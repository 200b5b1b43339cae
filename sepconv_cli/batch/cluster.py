"""Dask's workers: the same chunks on a cluster that is already there."""

import json
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from sepconv_cli.batch.documents import Document
from sepconv_cli.batch.job import Job
from sepconv_cli.batch.outcome import OtherVersion, outcomes
from sepconv_cli.errors import UsageError
from sepconv_cli.files import EXTRA

CONNECT_SECONDS = 30
PATIENCE_SECONDS = 120
_AHEAD = 2
"""Pieces for each thread of a worker: one that runs and one that has already arrived."""


class Cluster:
    """The workers of a Dask scheduler, however many there are at the time.

    Dask starts a piece again when its worker is lost, and gives up after the scheduler's
    `allowed-failures`; only then is the piece cut. Each try costs a worker, so it is cut small.
    """

    cuts = 8

    def __init__(
        self,
        job: Job,
        scheduler: str,
        count: Callable[[Job, Sequence[Document]], list[bytes]] = outcomes,
    ) -> None:
        self._client = _connected(scheduler)
        self._scheduler = scheduler
        self._executor = self._client.get_executor(pure=False)
        self._job = job
        self._count = count
        self._last_seen = time.monotonic()

    def room(self) -> int:
        """Enough that no worker waits, and no more, however many chunks there are."""
        threads: int = sum(self._client.nthreads().values())
        return max(1, _AHEAD * threads)

    def submit(self, documents: Sequence[Document]) -> "Future[list[bytes]]":
        """Have some worker count the documents."""
        future: Future[list[bytes]] = self._executor.submit(self._count, self._job, documents)
        return future

    def died(self, error: BaseException) -> bool:
        """Whether every worker that was given the piece was lost.

        Raises UsageError for anything else: a chunk doesn't fail, so it is the cluster that did.
        """
        from distributed.scheduler import KilledWorker

        if isinstance(error, KilledWorker):
            return True
        if isinstance(error, OtherVersion):
            raise UsageError(
                f"a worker of {self._scheduler} has another version of sepconv",
                "scheduler, workers and this program need the same one",
            ) from error
        raise self._failed(str(error).partition("\n")[0] or type(error).__name__) from error

    def watch(self) -> None:
        """Raise UsageError where the cluster has been without workers for long."""
        if self._client.nthreads():
            self._last_seen = time.monotonic()
        elif time.monotonic() - self._last_seen > PATIENCE_SECONDS:
            raise self._failed(f"it has had no workers for {PATIENCE_SECONDS} seconds")

    def _failed(self, reason: str) -> UsageError:
        hint = "what has been counted is kept: --resume goes on from there"
        return UsageError(f"the cluster at {self._scheduler} failed: {reason}", hint)

    def close(self) -> None:
        """Let go of the cluster, and of what was still to be done there."""
        self._executor.shutdown(wait=False)  # which cancels
        self._client.close()


def _connected(scheduler: str) -> Any:
    """A client of the scheduler at an address, or in a scheduler file. Raises UsageError."""
    try:
        from distributed import Client
        from distributed.comm.addressing import get_address_host_port
    except ImportError as error:
        raise UsageError("--dask needs distributed", EXTRA) from error
    # What it has to say about lost workers is told here in our own words.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        address = _address(scheduler)
        # A client made of what isn't an address never lets the interpreter exit.
        get_address_host_port(address)
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError, KeyError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        hint = "an address such as tcp://10.0.0.1:8786, or a scheduler file"
        raise UsageError(f"--dask {scheduler}: can't be reached: {reason}", hint) from error


def _address(scheduler: str) -> str:
    """The address itself, or the one in a scheduler file."""
    file = Path(scheduler)
    return str(json.loads(file.read_text())["address"]) if file.is_file() else scheduler
