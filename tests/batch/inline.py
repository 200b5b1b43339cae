"""A crew that counts in this process, so that a test can change what it runs."""

from collections.abc import Sequence
from concurrent.futures import Future

from sepconv_cli.batch.documents import Document
from sepconv_cli.batch.job import Job
from sepconv_cli.batch.outcome import outcomes


class Inline:
    """One worker, which is the process itself."""

    cuts = 2

    def __init__(self, job: Job) -> None:
        self.job = job
        self.submitted: list[int] = []

    def room(self) -> int:
        return 1

    def submit(self, documents: Sequence[Document]) -> "Future[list[bytes]]":
        self.submitted.append(len(documents))
        future: Future[list[bytes]] = Future()
        future.set_result(outcomes(self.job, documents))
        return future

    def died(self, error: BaseException) -> bool:
        return False

    def watch(self) -> None:
        pass

    def close(self) -> None:
        pass
