"""Every test has a trace cache of its own, and `sepconv` to run the command line in process."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from sepconv_cli.cli import run


class Result(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Sepconv = Callable[..., Result]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def sepconv(capsys: pytest.CaptureFixture[str]) -> Sepconv:
    """Run the command line with these arguments."""

    def call(*arguments: object) -> Result:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        return Result(code, *capsys.readouterr())

    return call
