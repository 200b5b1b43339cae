"""Keeps a crew of workers busy with chunks of documents, and gets every outcome once, whoever dies.

A piece that killed its worker is cut into smaller ones until the guilty document is alone. That
one is tried once more at the end, when nothing else runs that could have been the cause.
"""

import signal
import threading
import time
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import msgspec

from sepconv_cli.batch.documents import Document

WATCH_SECONDS = 10
_LISTEN_SECONDS = 0.2

_Key = TypeVar("_Key")


class Crew(Protocol):
    """Workers, wherever they are."""

    cuts: int
    """Into how many pieces a deadly one is cut."""

    def room(self) -> int:
        """How many pieces may be under way at once, those queued at the workers included."""

    def submit(self, documents: Sequence[Document]) -> "Future[list[bytes]]":
        """Have the documents counted by some worker that is free."""

    def died(self, error: BaseException) -> bool:
        """Whether an error says that the worker was killed, rather than that it failed."""

    def watch(self) -> None:
        """Look after the workers while they are waited for. Raises UsageError if none are left."""

    def close(self) -> None:
        """Stop every worker, whatever it is working on."""


class Piece(msgspec.Struct, frozen=True):
    """Some documents of the task of that number, from that index on."""

    task: int
    start: int
    documents: tuple[Document, ...]

    def cut(self, pieces: int) -> "list[Piece]":
        """The same in smaller pieces."""
        step = max(1, -(-len(self.documents) // pieces))
        return [
            Piece(self.task, self.start + at, self.documents[at : at + step])
            for at in range(0, len(self.documents), step)
        ]


class Dispatcher:
    """Gets tasks done; no more are held than the crew has room for, and one to follow."""

    def __init__(self, crew: Crew, crashed: bytes) -> None:
        self.crew = crew
        self.crashed = crashed
        self._running: dict[Future[list[bytes]], Piece] = {}
        self._waiting: deque[Piece] = deque()
        self._suspects: list[Piece] = []
        self._done: dict[int, dict[int, list[bytes]]] = {}

    def run(
        self, tasks: Iterable[tuple[_Key, tuple[Document, ...]]]
    ) -> Iterator[tuple[_Key, list[bytes]]]:
        """Each task's key with the outcomes of its documents, as they are done.

        Raises what a worker raised. A document that kills its worker has the outcome `crashed`.
        """
        keys: dict[int, tuple[_Key, int]] = {}
        numbered = enumerate(tasks)
        self._fill(numbered, keys)
        while self._running:
            finished = self._finished()
            self._fill(numbered, keys)
            for piece, outcomes in finished:
                yield from self._gathered(piece, outcomes, keys)
        for piece in self._suspects:
            yield from self._gathered(piece, self._alone(piece), keys)

    def _fill(
        self,
        tasks: "Iterator[tuple[int, tuple[_Key, tuple[Document, ...]]]]",
        keys: dict[int, tuple[_Key, int]],
    ) -> None:
        """Give the crew all that it has room for, and hold one task ready."""
        while True:
            if not self._waiting and (following := next(tasks, None)):
                number, (key, documents) = following
                keys[number] = key, len(documents)
                self._waiting.append(Piece(number, 0, documents))
            if not self._waiting or len(self._running) >= self.crew.room():
                return
            piece = self._waiting.popleft()
            self._running[self._submitted(piece)] = piece

    def _finished(self) -> list[tuple[Piece, list[bytes]]]:
        """What has been done since; what killed its worker is cut or put aside."""
        found: list[tuple[Piece, list[bytes]]] = []
        for future in self._done_of(self._running):
            piece = self._running.pop(future)
            outcomes = self._result(future)
            if outcomes is not None:
                found.append((piece, outcomes))
            elif len(piece.documents) == 1:
                self._suspects.append(piece)
            else:
                self._waiting.extendleft(reversed(piece.cut(self.crew.cuts)))
        return found

    def _submitted(self, piece: Piece) -> "Future[list[bytes]]":
        with shielded():
            return self.crew.submit(piece.documents)

    def _done_of(
        self, futures: "Collection[Future[list[bytes]]]"
    ) -> "Collection[Future[list[bytes]]]":
        """Wait until some are done; meanwhile listen to Ctrl-C, and look after the workers."""
        start = time.monotonic()
        while True:
            with shielded():
                done = wait(futures, _LISTEN_SECONDS, return_when=FIRST_COMPLETED).done
            if done:
                return done
            if time.monotonic() - start > WATCH_SECONDS:
                self.crew.watch()

    def _alone(self, piece: Piece) -> list[bytes]:
        future = self._submitted(piece)
        self._done_of([future])
        outcomes = self._result(future)
        return [self.crashed] if outcomes is None else outcomes

    def _result(self, future: "Future[list[bytes]]") -> list[bytes] | None:
        """The outcomes; None where the worker was killed."""
        try:
            return future.result()
        except Exception as error:
            if self.crew.died(error):
                return None
            raise

    def _gathered(
        self, piece: Piece, outcomes: list[bytes], keys: dict[int, tuple[_Key, int]]
    ) -> Iterator[tuple[_Key, list[bytes]]]:
        """The task that a piece belongs to, if that was its last one."""
        pieces = self._done.setdefault(piece.task, {})
        pieces[piece.start] = outcomes
        key, count = keys[piece.task]
        if sum(map(len, pieces.values())) == count:
            del self._done[piece.task], keys[piece.task]
            yield key, [outcome for start in sorted(pieces) for outcome in pieces[start]]


@contextmanager
def shielded() -> Iterator[None]:
    """An interrupt inside is handled when the block is over.

    Futures are made of locks. An exception between two of them leaves one shut, and whoever waits
    for it, such as the interpreter on its way out, waits for ever.
    """
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield
        return
    seen: list[tuple[Any, ...]] = []
    signal.signal(signal.SIGINT, lambda *arguments: seen.append(arguments))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if seen:
        usual(*seen[0])
