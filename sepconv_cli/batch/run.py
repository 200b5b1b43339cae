"""A batch from beginning to end: find, count what isn't known yet, write it all in order."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from sepconv_cli.batch import parts as parts_
from sepconv_cli.batch.deal import Chunk, deal
from sepconv_cli.batch.documents import Document, Mine, documents
from sepconv_cli.batch.engine import Crew, Engine
from sepconv_cli.batch.find import find
from sepconv_cli.batch.job import Job
from sepconv_cli.batch.last import Last, all_hold
from sepconv_cli.batch.merge import merge
from sepconv_cli.batch.outcome import crashed
from sepconv_cli.batch.parts import Entry, Parts
from sepconv_cli.batch.progress import Progress, silent
from sepconv_cli.batch.rows import Outcome
from sepconv_cli.batch.shield import shielded
from sepconv_cli.batch.summary import Summary
from sepconv_cli.batch.write import check
from sepconv_cli.errors import UsageError

Shard = tuple[int, int]
"""Which part, from 1, of how many."""

Known = dict[int, bytes]
"""Outcomes that are known already, by the index of their document in the chunk."""

Task = tuple[tuple[Chunk, Known], tuple[Document, ...]]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted, how, by whom, and where it goes. Without an output there is a summary only.

    `scheduler` is that of a Dask cluster; without one, so many local processes count.
    """

    paths: tuple[str, ...]
    job: Job
    files_from: str | None = None
    output: Path | None = None
    shard: Shard = (1, 1)
    workers: int | None = None
    scheduler: str | None = None
    resume: bool = False
    use_cache: bool = True
    by: str = "count"
    top: int = 3


def run(
    request: Request,
    crew: Crew | None = None,
    progress: AbstractContextManager[Progress] | None = None,
) -> Summary:
    """Count it all, and write the output. Raises UsageError.

    What was counted until then stays in the output's parts, where `resume` finds it.
    """
    _check(request)
    found = find(request.paths, request.files_from)
    mine = dealt(request.shard)
    texts = (document for source in found for document in documents(source, mine))
    with ExitStack() as stack:
        run = _Run(
            request,
            stack.enter_context(parts_.opened(_folder(request, stack), request.resume)),
            _last(request, stack),
            Summary(request.by, request.top),
        )
        crew = crew or _crew(request)
        stack.callback(_sent_home, crew)
        with progress or silent() as advance:
            names = run.count(deal(texts, request.job), crew, advance)
        run.write(names)
        if request.output is not None:
            run.parts.remove()
    return run.summary


def _check(request: Request) -> None:
    if request.output is not None:
        check(request.output)
    elif request.resume or request.job.per_layer:
        flag = "--resume" if request.resume else "--per-layer"
        raise UsageError(f"{flag} needs an output", "name it: -o costs.parquet")


def _folder(request: Request, stack: ExitStack) -> Path:
    if request.output is None:
        return Path(stack.enter_context(TemporaryDirectory(prefix="sepconv-")))
    return request.output.with_name(request.output.name + parts_.SUFFIX)


def _last(request: Request, stack: ExitStack) -> Last | None:
    if request.output is None or not request.use_cache:
        return None
    last = Last(request.output)
    stack.callback(last.close)
    return last


def _crew(request: Request) -> Crew:
    if request.scheduler is not None:
        from sepconv_cli.batch.cluster import Cluster

        return Cluster(request.job, request.scheduler)
    from sepconv_cli.batch.pool import Pool

    return Pool(request.job, request.workers or cores())


def _sent_home(crew: Crew) -> None:
    with shielded():
        crew.close()


def cores() -> int:
    """The cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def dealt(shard: Shard) -> Mine:
    """Whether the next thing is this shard's: they are dealt out in turn, as cards are."""
    number, of = shard
    turns = count(1 - number)
    return lambda: next(turns) % of == 0


class _Run(msgspec.Struct, frozen=True):
    """One run, while it lasts."""

    request: Request
    parts: Parts
    last: Last | None
    summary: Summary

    def count(self, chunks: Iterator[Chunk], crew: Crew, advance: Progress) -> list[str]:
        """See to it that there is a part for every chunk; their names, in order."""
        names: list[str] = []
        engine = Engine(crew, msgspec.msgpack.encode(crashed(self.request.job)))
        tasks = self._tasks(chunks, names, advance)
        for (chunk, known), outcomes in engine.run(tasks):
            fresh = iter(outcomes)
            everyone = range(len(chunk.documents))
            self.parts.store(chunk, [known[at] if at in known else next(fresh) for at in everyone])
            self.summary.counted += len(outcomes)
            _advance(advance, chunk)
        return names

    def _tasks(
        self, chunks: Iterator[Chunk], names: list[str], advance: Progress
    ) -> Iterator[Task]:
        """What is to be counted: the documents of which nothing is known."""
        for chunk in chunks:
            names.append(chunk.name)
            if self._is_there(chunk):
                _advance(advance, chunk)
                continue
            known = self.last.outcomes(chunk) if self.last else {}
            self.summary.unchanged += len(known)
            missing = [each for at, each in enumerate(chunk.documents) if at not in known]
            if missing:
                yield (chunk, known), tuple(missing)
            else:
                self.parts.store(chunk, [known[at] for at in range(len(known))])
                _advance(advance, chunk)

    def _is_there(self, chunk: Chunk) -> bool:
        entries = self.parts.load(chunk.name)
        return entries is not None and all_hold([entry.outcome for entry in entries], chunk)

    def write(self, names: list[str]) -> None:
        """All parts as one table, or two, and what the next run will find."""
        if self.last:
            self.last.begin()
        merge(self.parts, names, self.request.output, self.request.job.per_layer, self._see)
        if self.last:
            self.last.finish()

    def _see(self, entry: Entry, outcome: Outcome) -> None:
        self.summary.add(outcome.rows)
        if self.last and outcome.lasting:
            self.last.add(entry.name, entry.outcome)


def _advance(advance: Progress, chunk: Chunk) -> None:
    advance(len(chunk.documents), sum(document.share for document in chunk.documents))
