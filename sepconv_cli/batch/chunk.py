"""A chunk of documents -> what came of each. It is pure, and all that a worker runs."""

from collections.abc import Sequence

import msgspec

from sepconv_cli.batch.documents import Document
from sepconv_cli.batch.job import Job, fingerprint
from sepconv_cli.batch.outcome import failed_inside, outcome
from sepconv_cli.batch.rows import Outcome


class OtherVersion(Exception):
    """A worker runs another version of the program."""


def run(job: Job, documents: Sequence[Document]) -> list[bytes]:
    """The outcome of each document, encoded. Raises OtherVersion."""
    if job.program != fingerprint():
        raise OtherVersion("a worker runs another version of sepconv")
    return [_encoded(job, document) for document in documents]


def _encoded(job: Job, document: Document) -> bytes:
    try:
        return msgspec.msgpack.encode(outcome(job, document))
    except Exception as error:  # a text that is no text
        return msgspec.msgpack.encode(Outcome([failed_inside(job, error)], lasting=False))
