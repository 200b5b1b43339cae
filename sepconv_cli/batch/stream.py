"""Where the documents of a batch stand: a name, and how it is opened."""

from collections.abc import Callable
from typing import IO

import msgspec


class Stream(msgspec.Struct, frozen=True):
    """Bytes with documents in them: a name, how they are opened, and how many, if that is known."""

    name: str
    open: Callable[[], IO[bytes]]
    size: Callable[[], int | None] = lambda: None
