"""The cores that threads are kept on, where the system lets us say."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SIBLINGS = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"


def separate_cores() -> list[int]:
    """One processor of each core that this process may use; those that share a core come last."""
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    first: dict[str, int] = {}
    for cpu in allowed:
        first.setdefault(_core(cpu), cpu)
    return list(first.values())


def core_count() -> int:
    """How many cores there are for this process."""
    return len(separate_cores()) or os.cpu_count() or 1


@contextmanager
def kept_on_cores(threads: int) -> Iterator[bool]:
    """Threads that start meanwhile stay on as many cores; whether the system does that."""
    chosen = separate_cores()[:threads]
    if len(chosen) < threads:
        yield False
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, chosen)
    try:
        yield True
    finally:
        os.sched_setaffinity(0, before)


def _core(cpu: int) -> str:
    try:
        return Path(_SIBLINGS.format(cpu)).read_text().strip()
    except OSError:
        return str(cpu)
