"""A batch from beginning to end: find, count what isn't known yet, write it all in order."""

import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from sepconv_cli.batch.deal import Chunk, Entry, deal, entries, looked_up
from sepconv_cli.batch.dispatch import Crew, Dispatcher, shielded
from sepconv_cli.batch.documents import Document, Mine, documents
from sepconv_cli.batch.job import Job
from sepconv_cli.batch.outcome import crashed
from sepconv_cli.batch.progress import Progress, silent
from sepconv_cli.batch.rows import SpecOutcome
from sepconv_cli.batch.store import Store, hand_on, opened, partial, previous, remove
from sepconv_cli.batch.streams import streams
from sepconv_cli.batch.summary import Summary
from sepconv_cli.batch.write import write_tables
from sepconv_cli.errors import UsageError
from sepconv_cli.files.writer import check_output
from sepconv_cli.importing.address import USUAL, ModelOptions

_Shard = tuple[int, int]
"""Which part, from 1, of how many."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted, how, by whom, and where it goes. Without an output there is a summary only.

    `scheduler` is that of a Dask cluster; without one, so many local processes count.
    """

    paths: tuple[str, ...]
    job: Job
    files_from: str | None = None
    output: Path | None = None
    shard: _Shard = (1, 1)
    workers: int | None = None
    scheduler: str | None = None
    resume: bool = False
    use_cache: bool = True
    by: str = "count"
    top: int = 3
    models: ModelOptions = USUAL


def count_all(
    batch: Batch,
    crew: Crew | None = None,
    progress: AbstractContextManager[Progress] | None = None,
) -> Summary:
    """Count it all, and write the output. Raises UsageError.

    What was counted until then stays beside the output, where `resume` finds it.
    """
    _check(batch)
    found = streams(batch.paths, batch.files_from, batch.models)
    mine = dealt(batch.shard)
    texts = (document for stream in found for document in documents(stream, mine))
    with ExitStack() as stack:
        file = _file(batch, stack)
        summary = Summary(batch.by, batch.top)
        with opened(file, batch.resume) as store, _last(batch) as last:
            run = _Run(batch, store, last, summary)
            with _employed(crew or _crew(batch)) as busy, progress or silent() as advance:
                run.count(entries(texts, batch.job), busy, advance)
            job = batch.job
            write_tables(
                store.counted(), batch.output, job.per_layer, summary.add, bool(job.profile)
            )
        if batch.output is not None and batch.use_cache:
            hand_on(file, batch.output)
        remove(file)
    return summary


def _check(batch: Batch) -> None:
    if batch.output is not None:
        check_output(batch.output)
    elif batch.resume or batch.job.per_layer:
        flag = "--resume" if batch.resume else "--per-layer"
        raise UsageError(f"{flag} needs an output", "name it: -o costs.parquet")


def _file(batch: Batch, stack: ExitStack) -> Path:
    if batch.output is None:
        return Path(stack.enter_context(TemporaryDirectory(prefix="sepconv-"))) / "store"
    return partial(batch.output)


def _last(batch: Batch) -> AbstractContextManager[Store | None]:
    if batch.output is None or not batch.use_cache:
        return nullcontext()
    return previous(batch.output)


def _crew(batch: Batch) -> Crew:
    if batch.scheduler is not None:
        from sepconv_cli.batch.cluster import Cluster

        return Cluster(batch.job, batch.scheduler)
    from sepconv_cli.batch.processes import Processes

    return Processes(batch.job, batch.workers or cores())


@contextmanager
def _employed(crew: Crew) -> Iterator[Crew]:
    """The crew, sent home afterwards."""
    try:
        yield crew
    finally:
        with shielded():
            crew.close()


def cores() -> int:
    """The cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def dealt(shard: _Shard) -> Mine:
    """Whether the next thing is this shard's: they are dealt out in turn, as cards are."""
    number, of = shard
    turns = count(1 - number)
    return lambda: next(turns) % of == 0


class _Run(msgspec.Struct, frozen=True):
    """One run, while it lasts."""

    batch: Batch
    store: Store
    last: Store | None
    summary: Summary

    def count(self, found: Iterable[Entry], crew: Crew, advance: Progress) -> None:
        """See to it that the store has an outcome for every document."""
        dispatcher = Dispatcher(crew, crashed(self.batch.job))
        chunks = deal(self._unknown(found, advance), self.batch.job)
        tasks = ((chunk, tuple(entry.document for entry in chunk)) for chunk in chunks)
        for chunk, outcomes in dispatcher.run(tasks):
            self.store.add(chunk, outcomes)
            self.summary.counted += len(outcomes)
            _advance(advance, chunk)

    def _unknown(self, found: Iterable[Entry], advance: Progress) -> Iterator[Entry]:
        """What is to be counted; what is known already goes to the store at once."""
        if not self.batch.resume and self.last is None:
            yield from found
            return
        for some in looked_up(found):
            known = self._known(some)
            have = tuple(entry for entry in some if entry.name in known)
            self.store.add(have, [known[entry.name] for entry in have])
            _advance(advance, have)
            yield from (entry for entry in some if entry.name not in known)

    def _known(self, some: Chunk) -> dict[bytes, bytes]:
        """The outcomes that are there and still right, of this run and of the one before."""
        names = [entry.name for entry in some]
        known = self.store.known(names) if self.batch.resume else {}
        before: dict[bytes, bytes] = {}
        if self.last is not None:
            with suppress(sqlite3.Error):  # a cache is done without
                before = self.last.known([name for name in names if name not in known])
        documents = {entry.name: entry.document for entry in some}
        before = {name: each for name, each in before.items() if holds(each, documents[name])}
        self.summary.unchanged += sum(name in before for name in names)
        return before | {name: each for name, each in known.items() if holds(each, documents[name])}


def holds(outcome: bytes, document: Document) -> bool:
    """Whether an outcome of that text is still right, whatever else it depends on."""
    lasting = msgspec.msgpack.decode(outcome, type=_Lasting).lasting
    if not lasting or b"include" not in document.raw:
        return lasting
    return all(file.is_same for file in msgspec.msgpack.decode(outcome, type=SpecOutcome).included)


class _Lasting(msgspec.Struct, frozen=True, array_like=True):
    """The beginning of an outcome."""

    lasting: bool


def _advance(advance: Progress, some: Chunk) -> None:
    if some:
        advance(len(some), sum(entry.document.share for entry in some))
