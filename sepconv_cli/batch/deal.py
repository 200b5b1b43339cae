"""Documents -> entries with a name, and entries -> chunks of about a second of work."""

from collections.abc import Iterable, Iterator
from hashlib import sha256

import msgspec

from sepconv_cli.batch.documents import Document
from sepconv_cli.batch.job import Job, is_traced

LOOKED_UP = 200
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


class Entry(msgspec.Struct, frozen=True):
    """A document, its place in the run, from 0, and a name for all that its outcome depends on.

    Included files aside, which aren't known before it is read.
    """

    place: int
    name: bytes
    document: Document


Chunk = tuple[Entry, ...]
"""What is counted together."""


def entries(documents: Iterable[Document], job: Job) -> Iterator[Entry]:
    """The documents with their places and names."""
    prefix = job.digest
    for place, document in enumerate(documents):
        digest = sha256(prefix)
        digest.update(repr((document.source, document.problem)).encode())
        digest.update(document.raw)
        yield Entry(place, digest.digest()[:16], document)


def looked_up(found: Iterable[Entry]) -> Iterator[Chunk]:
    """The entries in their order, so many together as are looked up at once."""
    held: list[Entry] = []
    size = 0
    for entry in found:
        held.append(entry)
        size += len(entry.document.raw)
        if len(held) >= LOOKED_UP or size >= MOST_BYTES:
            yield tuple(held)
            held, size = [], 0
    if held:
        yield tuple(held)


def deal(found: Iterable[Entry], job: Job) -> Iterator[Chunk]:
    """The entries in their order, in chunks that start small, so that few make many too."""
    number = 0
    held: list[Entry] = []
    seconds, size = 0.0, 0
    for entry in found:
        held.append(entry)
        seconds += _seconds(entry.document, job)
        size += len(entry.document.raw)
        enough = min(_SECONDS, _FIRST_SECONDS * 2 ** min(number // _STEP, 10))
        if seconds >= enough or size >= MOST_BYTES or len(held) >= MOST_DOCUMENTS:
            yield tuple(held)
            held, seconds, size, number = [], 0.0, 0, number + 1
    if held:
        yield tuple(held)


def _seconds(document: Document, job: Job) -> float:
    """About how long a document takes."""
    points, variants = len(job.settings), len(job.variants) or 4
    kibibytes = len(document.raw) / 1024
    seconds = _EACH + points * _POINT
    seconds += kibibytes * (_READ + points * (_LOWER + _VARIANT * variants))
    return seconds + _TRACE * points * variants * is_traced(job, document.raw)
