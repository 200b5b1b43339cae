"""`sepconv list` and the zoo."""

import json
from pathlib import Path

import pytest

from sepconv_cli import UsageError, load
from sepconv_cli.library import zoo
from sepconv_cli.registry import names
from tests.conftest import Sepconv
from tests.latency.by_hand import write_profile

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("kind", ["ops", "variants", "conventions", "formats"])
def test_every_entry_is_listed_with_what_it_is(sepconv: Sepconv, kind: str) -> None:
    result = sepconv("list", kind, "-f", "json")
    entries = json.loads(result.out)[kind]
    assert tuple(entry["name"] for entry in entries) == names(kind)
    assert all(entry["about"].endswith(".") for entry in entries)


def test_every_metric_is_listed_with_its_unit(sepconv: Sepconv) -> None:
    """Each file's, and each convention's count."""
    entries = json.loads(sepconv("list", "metrics", "-f", "json").out)["metrics"]
    found = {entry["name"]: entry for entry in entries}
    assert set(found) == {*names("metrics"), *names("conventions")}
    assert all(entry["about"].endswith(".") for entry in entries)
    assert found["weight_bytes"]["unit"] == "bytes"
    assert (found["macs"]["unit"], found["torch"]["unit"]) == ("MACs", "FLOPs")


def test_every_device_is_listed_with_its_error(
    sepconv: Sepconv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_profile(tmp_path)
    monkeypatch.setenv("SEPCONV_DEVICES", str(tmp_path))
    entries = json.loads(sepconv("list", "devices", "-f", "json").out)["devices"]
    found = {entry["name"]: entry for entry in entries}
    assert {"slow", "rtx4090-amp"} <= set(found)
    assert found["slow"] == {
        "name": "slow",
        "about": "A slow device, PyTorch 2.4.0",
        "precision": "float32",
        "layout": "nchw",
        "batch": "1",
        "fitted on": "40 networks",
        "error": "7 %",
        "on": "300 networks",
    }


def test_a_broken_profile_is_named_and_the_rest_listed(
    sepconv: Sepconv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is listed can be read; that something is missing is exit code 2."""
    write_profile(tmp_path)
    write_profile(tmp_path, name="broken", title=3)
    (tmp_path / "torn.json").write_text("{")
    monkeypatch.setenv("SEPCONV_DEVICES", str(tmp_path))
    done = sepconv("list", "devices", "-f", "json")
    listed = {entry["name"] for entry in json.loads(done.out)["devices"]}
    assert done.code == 2
    assert {"slow", "rtx4090-amp"} <= listed
    assert not {"broken", "torn"} & listed
    assert "broken.json: $.title: " in done.err
    assert "torn.json: " in done.err


def test_every_spec_of_the_project_is_listed(sepconv: Sepconv) -> None:
    entries = json.loads(sepconv("list", "configs", "-f", "json").out)["configs"]
    files = {
        path.relative_to(ROOT / "configs").with_suffix("").as_posix()
        for path in (ROOT / "configs").rglob("*.yaml")
    }
    assert {entry["name"] for entry in entries} == {f"zoo:{name}" for name in files}


def test_a_spec_of_the_zoo_by_its_last_name(sepconv: Sepconv) -> None:
    """Both mobilenet_v1 of architectures/ and of bsconv/ fit; the architecture is meant."""
    assert load("zoo:mobilenet_v1").name == "MobileNetV1"
    assert load("zoo:bsconv/mobilenet_v1").name == "MobileNetV1 (BSConv)"
    assert sepconv("compare", "zoo:aidventure", "--engine", "analytic").code == 0


def test_an_unknown_name() -> None:
    with pytest.raises(UsageError) as error:
        zoo.path_of("mobilenet_v9")
    assert "the zoo has no mobilenet_v9" in str(error.value)
    assert "did you mean mobilenet_v" in str(error.value)


def test_an_unknown_kind(sepconv: Sepconv) -> None:
    assert sepconv("list", "opps").code == 2
