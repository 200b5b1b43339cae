"""Local workers: processes, each a pool of its own, so that it is known what a dead one was at."""

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from threading import Thread

from sepconv_cli.batch.documents import Document
from sepconv_cli.batch.job import Job
from sepconv_cli.batch.outcome import outcomes
from sepconv_cli.errors import UsageError

_TRIES = 3

_Count = Callable[[Job, Sequence[Document]], list[bytes]]


class Processes:
    """So many local processes, started as they are needed."""

    cuts = 2

    def __init__(self, job: Job, workers: int, count: _Count = outcomes) -> None:
        self._context = _context()
        self._job = job
        self._count = count
        self._never_started = 0
        self._lanes = [_Lane(self._context) for _ in range(workers)]

    def room(self) -> int:
        """One piece for each worker: the next is ready before it is asked for."""
        return len(self._lanes)

    def submit(self, documents: Sequence[Document]) -> "Future[list[bytes]]":
        """Have a worker that is idle count the documents."""
        lane = next(lane for lane in self._lanes if lane.is_idle)
        return lane.submit(self._count, self._job, documents)

    def died(self, error: BaseException) -> bool:
        """Whether the error is that of a process that was killed.

        Raises UsageError where processes don't even start: that is no document's fault.
        """
        if not isinstance(error, BrokenProcessPool):
            return False
        self._never_started = 0 if self._has_started(error) else self._never_started + 1
        if self._never_started >= _TRIES:
            raise UsageError(f"no worker could be started, in {_TRIES} tries") from error
        return True

    def _has_started(self, error: BaseException) -> bool:
        """Whether the worker that the error is of was ever there."""
        return any(lane.has_started for lane in self._lanes if lane.failed_by(error))

    def watch(self) -> None:
        """A process that dies says so at once."""

    def close(self) -> None:
        """Kill the workers. What they are at is not waited for."""
        for lane in self._lanes:
            lane.close()


def _context() -> multiprocessing.context.BaseContext:
    """How processes are started: a fork would hand on the threads' locks and the other pipes."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    # Imported once by the server, and not by every worker that comes from it.
    context.set_forkserver_preload(["__main__", outcomes.__module__])
    return context


class _Lane:
    """One process at a time, and a new one where it was killed."""

    def __init__(self, context: multiprocessing.context.BaseContext) -> None:
        self._context = context
        self._executor: ProcessPoolExecutor | None = None
        self._process: Future[int] | None = None
        self._work: Future[list[bytes]] | None = None

    @property
    def is_idle(self) -> bool:
        return self._work is None or self._work.done()

    def submit(
        self, count: _Count, job: Job, documents: Sequence[Document]
    ) -> "Future[list[bytes]]":
        """Have it count the documents. Raises UsageError where no process can be started."""
        if self._work is not None and isinstance(self._work.exception(), BrokenProcessPool):
            self.close()
        try:
            self._work = self._start().submit(count, job, documents)
        except BrokenProcessPool:  # killed while it was idle
            self.close()
            self._work = self._start().submit(count, job, documents)
        return self._work

    def _start(self) -> ProcessPoolExecutor:
        if self._executor is None:
            self._executor = ProcessPoolExecutor(1, self._context, _prepare)
            self._process = self._executor.submit(os.getpid)
        return self._executor

    @property
    def has_started(self) -> bool:
        return self._process is not None and not self._process.exception()

    def failed_by(self, error: BaseException) -> bool:
        return self._work is not None and self._work.done() and self._work.exception() is error

    def close(self) -> None:
        if self._executor is None:
            return
        self._executor.shutdown(wait=False, cancel_futures=True)
        is_dead = self._work is not None and self._work.done() and self._work.exception()
        if self._process is not None and not is_dead:
            with suppress(Exception):
                os.kill(self._process.result(timeout=10), signal.SIGKILL)
        self._executor = None


def _prepare() -> None:
    """Make a worker of a fresh process."""
    # Ctrl-C reaches the whole group; the parent alone decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Garbage in circles is rare, and looking for it costs a twentieth.
    gc.set_threshold(100_000, 50, 50)
    # As many workers as cores: more threads for torch would only get in each other's way.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: multiprocessing.process.BaseProcess) -> None:
    """Go when the parent goes, even if that was killed."""
    parent.join()
    os._exit(1)
