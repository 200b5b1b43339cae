"""Documents -> chunks of about a second of work, the same ones whoever counts them.

Where a chunk ends hangs on the documents and the job alone, never on how fast anybody is: so
that a run that goes on finds the parts of the one that was stopped.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256

import msgspec

from sepconv_cli.batch.documents import Document
from sepconv_cli.batch.job import Job, is_traced

MOST_DOCUMENTS = 1000
MOST_BYTES = 8 * 2**20
_FIRST_SECONDS, _SECONDS, _STEP = 0.125, 1.0, 8

# Seconds, as measured for MobileNetV1 written out in full: 2.9 KiB, four variants.
_EACH = 0.0003
_POINT = 0.0002
_READ = 0.0007
_LOWER = 0.0005
_VARIANT = 0.0001
_TRACE = 0.06


class Chunk(msgspec.Struct, frozen=True):
    """Documents that are counted together, and the name of each one's outcome."""

    documents: tuple[Document, ...]
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """A name for everything that the chunk's part hangs on."""
        digest = sha256()
        for document, name in zip(self.documents, self.names, strict=True):
            place = (name, document.source, document.number, document.line)
            digest.update(repr(place).encode())
        return digest.hexdigest()[:32]


def deal(documents: Iterable[Document], job: Job) -> Iterator[Chunk]:
    """The documents in their order, in chunks that start small, so that few make many too."""
    prefix = job.digest
    number = 0
    held: list[Document] = []
    seconds, size = 0.0, 0
    for document in documents:
        held.append(document)
        seconds += _seconds(document, job)
        size += len(document.raw)
        enough = min(_SECONDS, _FIRST_SECONDS * 2 ** min(number // _STEP, 10))
        if seconds >= enough or size >= MOST_BYTES or len(held) >= MOST_DOCUMENTS:
            yield _chunk(held, prefix)
            held, seconds, size, number = [], 0.0, 0, number + 1
    if held:
        yield _chunk(held, prefix)


def _chunk(documents: list[Document], prefix: bytes) -> Chunk:
    return Chunk(tuple(documents), tuple(_name(document, prefix) for document in documents))


def _name(document: Document, prefix: bytes) -> str:
    """A name for everything that a document's outcome hangs on, its included files aside."""
    digest = sha256(prefix)
    digest.update(repr((document.source, document.problem)).encode())
    digest.update(document.raw)
    return digest.hexdigest()[:32]


def _seconds(document: Document, job: Job) -> float:
    """About how long a document takes."""
    points, variants = len(job.settings), len(job.variants) or 4
    kibibytes = len(document.raw) / 1024
    seconds = _EACH + points * _POINT
    seconds += kibibytes * (_READ + points * (_LOWER + _VARIANT * variants))
    return seconds + _TRACE * points * variants * is_traced(job, document.raw)
