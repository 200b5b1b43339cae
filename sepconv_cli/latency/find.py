"""Where profiles of devices are: the program's own, a user's folders, and files by their path."""

import os
from collections.abc import Iterator
from pathlib import Path

from sepconv_cli.errors import UsageError, did_you_mean
from sepconv_cli.latency.profile import Profile, read_profile

_SHIPPED = Path(__file__).parent / "devices"
_ENDING = ".json"
VARIABLE = "SEPCONV_DEVICES"
"""The environment's variable that names further folders of profiles."""


def device_names() -> list[str]:
    """The names of all devices that have a profile, in alphabetical order."""
    return sorted({path.stem for folder in _folders() for path in folder.glob(f"*{_ENDING}")})


def shipped_names() -> list[str]:
    """The names of the devices that come with the program, in alphabetical order."""
    return sorted(path.stem for path in _SHIPPED.glob(f"*{_ENDING}"))


def find_profile(device: str) -> Profile:
    """The profile of a device, by its name or the path of a file. Raises SpecError.

    The program's own go before those of the user's folder, so that their names mean the same
    everywhere; what the environment names goes before both.
    """
    return read_profile(_path_of(device))


def shipped_profiles() -> list[Profile]:
    """The program's own, in alphabetical order."""
    return [read_profile(path) for path in sorted(_SHIPPED.glob(f"*{_ENDING}"))]


def _path_of(device: str) -> Path:
    if device.endswith(_ENDING) or "/" in device or os.sep in device:
        path = Path(device)
        if not path.is_file():
            raise UsageError(f"there is no profile {device}", did_you_mean(device, device_names()))
        return path
    # A name is compared and never joined to a folder, from which it could lead elsewhere.
    for folder in _folders():
        for path in folder.glob(f"*{_ENDING}"):
            if path.stem == device:
                return path
    raise UsageError(f"no device is called {device}", did_you_mean(device, device_names()))


def _folders() -> Iterator[Path]:
    """Those of the environment, the program's, the user's own."""
    listed = filter(None, os.environ.get(VARIABLE, "").split(os.pathsep))
    yield from map(Path, listed)
    yield _SHIPPED
    yield user_folder()


def user_folder() -> Path:
    """Where a user's own profiles are."""
    import platformdirs

    return platformdirs.user_config_path("sepconv") / "devices"
