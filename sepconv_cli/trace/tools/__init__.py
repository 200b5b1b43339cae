"""Other people's counters, one file each, run on the torch module that we build.

They confirm what the convention of the same name says; nothing here counts. A file has the
`PACKAGES` that it imports, the first of them the tool's own, and `count(module, sample)`.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from sepconv_cli.conventions import MODULES, Style
from sepconv_cli.network import Network
from sepconv_cli.registry import get


class ToolError(Exception):
    """A tool can't count this network."""


def missing_packages(name: str) -> tuple[str, ...]:
    """The packages that a tool needs and that are not installed."""
    return tuple(
        package for package in get("trace/tools", name).PACKAGES if find_spec(package) is None
    )


def stated_version(name: str) -> str:
    """The tool's package and version, such as `ptflops 0.7.5`."""
    package = get("trace/tools", name).PACKAGES[0]
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return str(package)


def run_tool(name: str, network: Network, style: Style = MODULES) -> int:
    """What the tool reports for one sample. Raises ToolError where it fails on the network."""
    import torch

    from sepconv_cli.trace.build import build_module

    try:
        module = build_module(network, style)
        sample = torch.zeros((1, network.input.channels, *network.input.size))
        with _silence(), _restored(torch.nn.functional, torch.Tensor, torch), torch.no_grad():
            return int(get("trace/tools", name).count(module, sample))
    except Exception as error:
        raise ToolError(f"{type(error).__name__}: {error}") from error


@contextmanager
def _restored(*places: Any) -> Iterator[None]:
    """With these modules and classes as they were: some tools patch torch, and leave it so when
    they fail."""
    before = [dict(vars(place)) for place in places]
    try:
        yield
    finally:
        for place, attributes in zip(places, before, strict=True):
            for name, value in attributes.items():
                if vars(place).get(name) is not value:
                    setattr(place, name, value)


@contextmanager
def _silence() -> Iterator[None]:
    """Without what tools print and warn of; a result is all that is asked of them."""
    nowhere = io.StringIO()
    with redirect_stdout(nowhere), redirect_stderr(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
