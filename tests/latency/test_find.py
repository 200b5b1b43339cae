"""Where profiles are looked for."""

import os
from pathlib import Path

import pytest

from sepconv_cli import UsageError
from sepconv_cli.latency.find import device_names, find_profile
from tests.latency.by_hand import write_profile


def test_by_the_path_of_a_file(tmp_path: Path) -> None:
    assert find_profile(str(write_profile(tmp_path))).name == "slow"


def test_folders_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of them that has the name."""
    folders = [tmp_path / "missing", tmp_path / "one", tmp_path / "two"]
    for folder in folders[1:]:
        folder.mkdir()
        write_profile(folder, title=folder.name)
    monkeypatch.setenv("SEPCONV_DEVICES", os.pathsep.join(map(str, folders)))
    assert find_profile("slow").title == "one"
    assert "slow" in device_names()


def test_the_users_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program's own names mean the same everywhere: the user's don't take their place."""
    monkeypatch.setattr("sepconv_cli.latency.find.user_folder", lambda: tmp_path)
    shipped = device_names()[0]
    write_profile(tmp_path)
    write_profile(tmp_path, name=shipped)
    assert find_profile("slow").title == "A slow device"
    assert find_profile(shipped).title != "A slow device"
    assert device_names().count(shipped) == 1


def test_the_environment_goes_before_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = device_names()[0]
    write_profile(tmp_path, name=shipped)
    monkeypatch.setenv("SEPCONV_DEVICES", str(tmp_path))
    assert find_profile(shipped).title == "A slow device"


def test_an_unknown_device_did_you_mean() -> None:
    with pytest.raises(UsageError, match="no device is called rtx409-amp") as error:
        find_profile("rtx409-amp")
    assert error.value.problems[0].hint == "did you mean rtx4090-amp?"


@pytest.mark.parametrize("name", ["missing.json", "folder/missing", "../devices/rtx4090-amp"])
def test_a_path_to_nothing(name: str) -> None:
    with pytest.raises(UsageError, match="there is no profile"):
        find_profile(name)


@pytest.mark.parametrize("name", ["", ".", "..", "*", "rtx*"])
def test_names_are_no_patterns(name: str) -> None:
    with pytest.raises(UsageError, match="no device is called"):
        find_profile(name)
