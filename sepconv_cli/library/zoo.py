"""The specs that come with the program: `zoo:mobilenet_v1` and the like."""

from pathlib import Path

from sepconv_cli.errors import UsageError, did_you_mean

ZOO_PREFIX = "zoo:"
_PACKAGE = Path(__file__).parents[1]
# In a checkout the specs stand beside the package, in a wheel inside it.
_FOLDERS = (_PACKAGE / "configs", _PACKAGE.parent / "configs")
_FIRST = "architectures"


def zoo_names() -> list[str]:
    """The names of all specs, as folder and file: `architectures/mobilenet_v1`."""
    root = _root()
    found = (path.relative_to(root).with_suffix("") for path in root.rglob("*.yaml"))
    return sorted(path.as_posix() for path in found)


def path_of(name: str) -> Path:
    """The file of a spec, by its name or its last part, architectures before the others.

    Raises UsageError where there is none.
    """
    known = zoo_names()
    fitting = [full for full in known if name in (full, full.rpartition("/")[2])]
    if not fitting:
        last_parts = [full.rpartition("/")[2] for full in known]
        raise UsageError(
            f"the zoo has no {name}", did_you_mean(name, dict.fromkeys([*last_parts, *known]))
        )
    best = min(fitting, key=lambda full: (not full.startswith(_FIRST), full))
    return _root() / f"{best}.yaml"


def _root() -> Path:
    return next(folder for folder in _FOLDERS if folder.is_dir())
