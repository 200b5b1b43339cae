"""The second engine: the network as a torch module, counted by fvcore.

`trace` is the way in. Only build.py and count.py import torch, and only when a
network is traced that isn't in the cache. Nothing here counts by formula.
"""

from importlib.util import find_spec

from sepconv_cli.network import Network
from sepconv_cli.trace import cache
from sepconv_cli.trace.record import TracedNode, TraceError

__all__ = ["TraceError", "TracedNode", "missing", "trace"]


def missing() -> tuple[str, ...]:
    """The packages that tracing needs and that are not installed."""
    return tuple(name for name in ("torch", "fvcore") if find_spec(name) is None)


def trace(network: Network, use_cache: bool = True) -> tuple[TracedNode, ...]:
    """What fvcore counts for each node. Raises TraceError for an operator that nobody knows.

    A trace that was made before is read from the cache, without importing torch.
    """
    key = cache.key(network) if use_cache else ""
    found = cache.load(key) if use_cache else None
    if found is not None and len(found) == len(network.nodes):
        return found
    from sepconv_cli.trace.count import count

    counted = count(network)
    if use_cache:
        cache.store(key, counted)
    return counted
