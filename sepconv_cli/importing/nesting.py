"""Modules inside each other, from their whole names: layer1.0.conv1."""

import re

Scopes = tuple[tuple[str, ...], tuple[str, ...]]
"""Names of modules, the outermost first, which is the model itself and has none; and classes."""

_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_-]")


def nested(paths: list[str], classes: list[str]) -> Scopes:
    """What each module is called inside the one around it.

    A list of modules is never called and so not written down, but its name is in those of its
    modules.
    """
    names, kinds = [""], [""]
    above = ""
    for path, kind in zip(paths, classes, strict=True):
        *lists, own = (path.removeprefix(f"{above}.") if above else path).split(".")
        for name, of in (*((each, "ModuleList") for each in lists), (own, kind)):
            kinds.append(of or _kind(name, names[-1]))
            names.append(_NOT_A_NAME.sub("_", name) or "_")
        above = path
    return tuple(names), tuple(kinds)


def _kind(name: str, above: str) -> str:
    """A class for modules that are called alike; numbers are called after what holds them."""
    stem = _stem(name) or f"{_stem(above)}_layer"
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", stem))


def _stem(name: str) -> str:
    return name.rstrip("0123456789").rstrip("_.-")
