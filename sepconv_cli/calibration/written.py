"""A profile put together from what was fitted and what is known of the device."""

import platform
import re
from collections import Counter
from datetime import date
from pathlib import Path

import msgspec

from sepconv_cli.calibration.drawing import Drawing
from sepconv_cli.errors import UsageError
from sepconv_cli.latency.draw import errors_of, fitted_to, seen_in
from sepconv_cli.latency.formula import FORM, VERSION
from sepconv_cli.latency.profile import NAME, Profile
from sepconv_cli.measure.campaign import CampaignSetup

_UNKNOWN = "not said"


class MeasuredDevice(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a device and of the software that measured on it."""

    title: str
    runtime: str = _UNKNOWN
    software: str = _UNKNOWN
    precision: str = _UNKNOWN
    layout: str = _UNKNOWN
    compiled: bool = False


def device_of_campaign(setup: CampaignSetup) -> MeasuredDevice:
    """This machine, as a campaign ran on it."""
    on = _processor() if setup.device == "cpu" else f"{setup.device} of {_processor()}"
    threads = "1 thread" if setup.threads == 1 else f"{setup.threads} threads"
    return MeasuredDevice(
        title=f"{on}, {threads}",
        runtime=setup.runtime,
        software=setup.software,
        precision=setup.precision,
        layout="nchw",
        compiled=setup.compiled,
    )


def _processor() -> str:
    """The processor's name, as Linux or else Python knows it."""
    about = Path("/proc/cpuinfo")
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", about.read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()


def profile_name(file: Path) -> str:
    """What a device is called whose profile is that file. Raises UsageError where it is no name."""
    if file.suffix != ".json":
        raise UsageError(f"{file}: a profile's file ends in .json", f"-o {file.stem}.json")
    if not re.fullmatch(NAME, file.stem):
        raise UsageError(f"{file}: {file.stem!r} is no name of a device", "such as rtx4090-amp")
    return file.stem


def written_profile(name: str, about: MeasuredDevice, drawn: Drawing, source: str) -> Profile:
    """The profile of a device, with the bounds of what was measured and today's date."""
    samples = Counter(each.samples for each in drawn.networks)
    return Profile(
        name=name,
        title=about.title,
        form=FORM,
        version=VERSION,
        precision=about.precision,
        layout=about.layout,
        compiled=about.compiled,
        runtime=about.runtime,
        software=about.software,
        batch_size=samples.most_common(1)[0][0],
        batch_sizes=(min(samples), max(samples)),
        source=source,
        date=date.today().isoformat(),
        fitted=fitted_to(drawn.networks),
        errors=errors_of(drawn.score),
        coefficients=drawn.coefficients,
        seen=seen_in(drawn.networks),
    )
