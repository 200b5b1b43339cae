"""Traces on disk, so that the second run says "agrees" without importing torch.

An entry is keyed by what would be built (the torch calls and shapes, not the names),
by the versions of torch and fvcore, and by the text of the modules that build and
count. It starts with a checksum: a damaged entry is no entry.
"""

import os
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import msgspec

from sepconv_cli.network import Network
from sepconv_cli.trace.record import TracedNode

_HERE = Path(__file__).parent
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
    try:
        raw = _path(name).read_bytes()
    except OSError:
        return None
    checksum, _, body = raw.partition(b"\n")
    if checksum != sha256(body).hexdigest().encode():
        return None
    try:
        return msgspec.json.decode(body, type=tuple[TracedNode, ...])
    except msgspec.MsgspecError:
        return None


def write_trace(name: str, trace: tuple[TracedNode, ...]) -> None:
    """Write an entry whole or not at all. A cache that can't be written is done without."""
    body = msgspec.json.encode(trace)
    path = _path(name)
    part = path.with_suffix(f".{os.getpid()}.part")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(sha256(body).hexdigest().encode() + b"\n" + body)
        part.replace(path)


def _path(name: str) -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("sepconv") / "traces" / f"{name}.json"


@cache
def builder_fingerprint() -> bytes:
    """The versions of torch and fvcore, and the text of the modules that build and count."""
    return b"".join([*map(_version, ("torch", "fvcore")), *map(_source, _BUILDER)])


def _version(package: str) -> bytes:
    """The version of an installed package, without importing it or its metadata reader."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return b""
    home = Path(spec.origin).parent
    stated = home / "version.py"
    return (stated if stated.exists() else home / "__init__.py").read_bytes()


def _source(name: str) -> bytes:
    return (_HERE / name).read_bytes()
