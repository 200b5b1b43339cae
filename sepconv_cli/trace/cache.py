"""Traces on disk, so that the second run says "agrees" without importing torch.

An entry is keyed by what would be built (the torch calls and shapes, not the names),
by the versions of torch and fvcore, and by the text of the modules that build and
count.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec

from sepconv_cli.files.cache import read_entry, version_text, write_entry
from sepconv_cli.network import Network
from sepconv_cli.trace.record import TracedNode

_HERE = Path(__file__).parent
_FOLDER = "traces"
_BUILDER = ("build.py", "modules.py", "count.py", "record.py", "weightless.py")


def key(network: Network) -> str:
    """A name for everything that the trace of this network depends on."""
    calls = [
        (
            node.inputs,
            node.sources,
            node.op.torch_call(node.x),
            sorted(node.op.uncounted),
            node.ties,
        )
        for node in network.nodes
    ]
    digest = sha256(msgspec.json.encode((network.input, calls, network.outputs)))
    digest.update(builder_fingerprint())
    return digest.hexdigest()


def read_trace(name: str) -> tuple[TracedNode, ...] | None:
    """The trace under that key; None where there is none, or a damaged one."""
    body = read_entry(_FOLDER, name)
    try:
        return msgspec.json.decode(body, type=tuple[TracedNode, ...]) if body else None
    except msgspec.MsgspecError:
        return None


def write_trace(name: str, trace: tuple[TracedNode, ...]) -> None:
    """Write an entry whole or not at all. A cache that can't be written is done without."""
    write_entry(_FOLDER, name, msgspec.json.encode(trace))


@cache
def builder_fingerprint() -> bytes:
    """The versions of torch and fvcore, and the text of the modules that build and count."""
    return b"".join([*map(version_text, ("torch", "fvcore")), *map(_source, _BUILDER)])


def _source(name: str) -> bytes:
    return (_HERE / name).read_bytes()
