"""The second engine: the network as a torch module, counted by fvcore.

`trace` is the way in. Torch is imported here and nowhere else, and only when a
network is traced that isn't in the cache. Nothing here counts by formula. Other people's
counters are run on the same module in tools/.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from sepconv_cli.network import Network
from sepconv_cli.trace.record import TracedNode, TraceError

__all__ = ["TraceError", "TracedNode", "collector_paused", "missing", "trace"]


def missing() -> tuple[str, ...]:
    """The packages that tracing needs and that are not installed."""
    return tuple(name for name in ("torch", "fvcore") if find_spec(name) is None)


def trace(network: Network, use_cache: bool = True) -> tuple[TracedNode, ...]:
    """What fvcore counts for each node. Raises TraceError for an operator that nobody knows.

    A trace that was made before is read from the cache, without importing torch.
    """
    if not use_cache:
        return _count(network)
    from sepconv_cli.trace import cache

    key = cache.key(network)
    found = cache.read_trace(key)
    if found is None or len(found) != len(network.nodes):
        found = _count(network)
        cache.write_trace(key, found)
    return found


def _count(network: Network) -> tuple[TracedNode, ...]:
    with collector_paused():
        from sepconv_cli.trace.count import fvcore_counts

        return fvcore_counts(network)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Without the garbage collector, which takes a tenth of torch's import for no garbage."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
