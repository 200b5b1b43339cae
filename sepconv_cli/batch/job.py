"""What is done with every document, in one frozen value, and the names of results."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from sepconv_cli.language.model import RuleChoice
from sepconv_cli.lowering.settings import Settings
from sepconv_cli.network import DType

if TYPE_CHECKING:
    from sepconv_cli.latency.device import Device

_PACKAGE = Path(__file__).parents[1]


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What is done with every document. `trace` is the share of documents that fvcore verifies.

    `profile` is the text of a device's profile, with which a worker needs no file of it; `batch` is
    how many samples it is given at once. `program` is the digest of the program that gave out the
    job, `tools` that of what traces.
    """

    settings: tuple[Settings, ...] = ({},)
    variants: tuple[str, ...] = ()
    options: dict[str, str] = {}
    rules: tuple[RuleChoice, ...] = ()
    convention: str = "macs"
    dtype: DType = "float32"
    profile: str = ""
    batch: int | None = None
    per_layer: bool = False
    include: tuple[str, ...] = ()
    trace: float = 0.0
    use_cache: bool = True
    program: str = ""
    tools: str = ""

    @property
    def digest(self) -> bytes:
        """A name for the job: the same only where all results are."""
        return sha256(repr(replace(self, use_cache=True)).encode()).digest()


@cache
def job_devices(profile: str, batch: int | None) -> "tuple[Device, ...]":
    """The device of a job's profile; none where there is no profile."""
    if not profile:
        return ()
    from sepconv_cli.latency.device import device_of
    from sepconv_cli.latency.profile import profile_of

    return (device_of(profile_of(profile.encode(), "the job's profile"), batch),)


def is_traced(job: Job, raw: bytes) -> bool:
    """Whether a document is in the sample: by its text, so that every run takes the same ones."""
    return job.trace > 0 and int.from_bytes(sha256(raw).digest()[:8], "big") < job.trace * 2**64


@cache
def program_digest() -> str:
    """The text of the whole program, in short: results are kept for this one alone."""
    digest = sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
