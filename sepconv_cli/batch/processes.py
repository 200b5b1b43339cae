"""Local workers: processes with one piece of work each, so that it is known what a dead one was at.

A thread for each process sends it documents and waits for the answer. The end of the pipe says that
the process is gone, so that there is nothing to wait for once the processes are killed.
"""

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from threading import Thread

from sepconv_cli.batch.documents import Document
from sepconv_cli.batch.job import Job
from sepconv_cli.batch.outcome import outcomes
from sepconv_cli.errors import UsageError

_TRIES = 3

Count = Callable[[Job, Sequence[Document]], list[bytes]]


class WorkerDied(Exception):
    """A process was killed; `has_started` is whether it was ever ready for work."""

    def __init__(self, has_started: bool) -> None:
        super().__init__("a worker died")
        self.has_started = has_started


class Processes:
    """So many local processes, started as they are needed."""

    cuts = 2

    def __init__(self, job: Job, workers: int, count: Count = outcomes) -> None:
        context = _context()
        self.lanes = [Lane(context, job, count) for _ in range(workers)]
        self._threads = ThreadPoolExecutor(workers)
        self._never_started = 0

    def room(self) -> int:
        """One piece for each worker: the next is ready before it is asked for."""
        return len(self.lanes)

    def submit(self, documents: Sequence[Document]) -> "Future[list[bytes]]":
        """Have a worker that is idle count the documents."""
        lane = next(lane for lane in self.lanes if lane.is_idle)
        return lane.submit(self._threads, documents)

    def died(self, error: BaseException) -> bool:
        """Whether the error is that of a process that was killed.

        Raises UsageError where processes don't even start: that is no document's fault.
        """
        if not isinstance(error, WorkerDied):
            return False
        self._never_started = 0 if error.has_started else self._never_started + 1
        if self._never_started >= _TRIES:
            raise UsageError(f"no worker could be started, in {_TRIES} tries") from error
        return True

    def watch(self) -> None:
        """A process that dies says so at once."""

    def close(self) -> None:
        """Kill the workers. What they are at is not waited for."""
        for lane in self.lanes:
            lane.kill()
        self._threads.shutdown(wait=False, cancel_futures=True)


class Lane:
    """One process at a time, and a new one where it was killed."""

    def __init__(self, context: BaseContext, job: Job, count: Count) -> None:
        self._context = context
        self._task = job, count
        self._pipe: Connection | None = None
        self.has_started = False
        self._work: Future[list[bytes]] | None = None
        self.process: BaseProcess | None = None

    @property
    def is_idle(self) -> bool:
        """Whether it has answered all that it was asked."""
        return self._work is None or self._work.done()

    def submit(
        self, threads: ThreadPoolExecutor, documents: Sequence[Document]
    ) -> "Future[list[bytes]]":
        """Have it count the documents."""
        if self._pipe is None or self.process is None or not self.process.is_alive():
            self._pipe = self._started()
        self._work = threads.submit(self._answer, self._pipe, documents)
        return self._work

    def _started(self) -> Connection:
        """The pipe to a new process."""
        ours, theirs = self._context.Pipe()
        self.has_started = False
        # Of a daemon nothing is waited for when the program ends, however it does.
        process: BaseProcess = self._context.Process(  # type: ignore[attr-defined]
            target=_work, args=(theirs, *self._task), daemon=True
        )
        # One whose start is interrupted can't be killed.
        process.start()
        self.process = process
        theirs.close()
        return ours

    def _answer(self, pipe: Connection, documents: Sequence[Document]) -> list[bytes]:
        """What the process says of the documents. Raises what it raised, and WorkerDied."""
        try:
            if not self.has_started:
                self.has_started = pipe.recv()
            pipe.send(documents)
            answer: list[bytes] | Exception = pipe.recv()
        except (EOFError, OSError) as error:
            self._pipe = None
            raise WorkerDied(self.has_started) from error
        if isinstance(answer, Exception):
            raise answer
        return answer

    def kill(self) -> None:
        """End the process, whatever it is at."""
        if self.process is not None:
            self.process.kill()


def _context() -> BaseContext:
    """How processes are started: a fork would hand on the threads' locks and the other pipes."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    # Imported once by the server, and not by every worker that comes from it.
    context.set_forkserver_preload(["__main__", outcomes.__module__])
    return context


def _work(pipe: Connection, job: Job, count: Count) -> None:
    """All that a worker does: say that it is there, and count what arrives."""
    _prepare()
    pipe.send(True)
    while True:
        try:
            documents = pipe.recv()
        except EOFError:
            return
        try:
            answer: list[bytes] | Exception = count(job, documents)
        except Exception as error:
            answer = error
        pipe.send(answer)


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


def _follow(parent: BaseProcess) -> None:
    """Go when the parent goes, even if that was killed."""
    parent.join()
    os._exit(1)
