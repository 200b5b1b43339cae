"""Ctrl-C while threads of a pool hold locks: noted when it comes, raised where none is held.

Raised wherever it happened to come, it could leave a lock of concurrent.futures taken for ever.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Check = Callable[[], None]
"""Raises KeyboardInterrupt if Ctrl-C has been pressed."""


@contextmanager
def deferred() -> Iterator[Check]:
    """Ctrl-C is raised by the calls of what this gives. Only the main thread gets signals."""
    pressed = threading.Event()

    def note(_number: int, _frame: FrameType | None) -> None:
        pressed.set()

    def check() -> None:
        if pressed.is_set():
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield check
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield check
        check()
    finally:
        signal.signal(signal.SIGINT, before)
