"""Ctrl-C at the end of a block, and not in the middle of it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


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
