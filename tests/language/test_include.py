"""Blocks from other files: found, bounded to the spec's folder, never in a circle."""

from pathlib import Path

import pytest

from sepconv_cli import SpecError, load
from sepconv_cli.lowering.lower import lower

SPEC = "input: [4, 8, 8]\ninclude: [blocks/unit.yaml]\nlayers: [unit]\n"
UNIT = "blocks:\n  unit: {layers: [conv: {out_channels: 6, kernel_size: 3}, helper]}\n"
HELPER = "blocks:\n  helper: {layers: [relu]}\n"


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / "nets" / "blocks").mkdir(parents=True)
    (tmp_path / "nets" / "net.yaml").write_text(SPEC)
    (tmp_path / "nets" / "blocks" / "unit.yaml").write_text("include: helper.yaml\n" + UNIT)
    (tmp_path / "nets" / "blocks" / "helper.yaml").write_text(HELPER)
    return tmp_path / "nets"


def message(file: Path) -> str:
    with pytest.raises(SpecError) as error:
        load(file)
    return str(error.value).splitlines()[0].rpartition("/")[2]


def test_blocks_of_included_files_are_called(folder: Path) -> None:
    names = [node.name for node in lower(load(folder / "net.yaml")).nodes]
    assert names == ["unit.conv", "unit.helper.relu"]


def test_a_problem_in_an_included_file_points_into_it(folder: Path) -> None:
    (folder / "blocks" / "helper.yaml").write_text("blocks:\n  helper: {layers: [rulu]}\n")
    assert message(folder / "net.yaml") == "helper.yaml:2:21: no op or block is called rulu"


def test_a_file_that_is_not_there(folder: Path) -> None:
    (folder / "blocks" / "unit.yaml").unlink()
    with pytest.raises(SpecError, match=r"net.yaml:2:11: no file blocks/unit.yaml to include"):
        load(folder / "net.yaml")


def test_files_that_include_each_other(folder: Path) -> None:
    (folder / "blocks" / "helper.yaml").write_text("include: [unit.yaml]\n" + HELPER)
    expected = (
        "helper.yaml:1:11: files that include each other: unit.yaml -> helper.yaml -> unit.yaml"
    )
    assert message(folder / "net.yaml") == expected


def test_two_blocks_of_one_name(folder: Path) -> None:
    (folder / "blocks" / "helper.yaml").write_text(HELPER + "  unit: {layers: [relu]}\n")
    assert message(folder / "net.yaml") == "helper.yaml:3:3: a second block called unit"


def test_a_file_outside_of_the_folder_is_refused_unless_it_is_named(folder: Path) -> None:
    outside = folder.parent / "shared"
    outside.mkdir()
    (outside / "unit.yaml").write_text("blocks:\n  unit: {layers: [relu]}\n")
    for name in ("../shared/unit.yaml", str(outside / "unit.yaml")):
        (folder / "net.yaml").write_text(SPEC.replace("blocks/unit.yaml", name))
        with pytest.raises(SpecError, match="lies outside of the spec's folder"):
            load(folder / "net.yaml")
        assert len(lower(load(folder / "net.yaml", include=[outside])).nodes) == 1


def test_a_link_does_not_lead_out(folder: Path) -> None:
    (folder.parent / "secret.yaml").write_text(HELPER)
    (folder / "blocks" / "unit.yaml").unlink()
    (folder / "blocks" / "unit.yaml").symlink_to(folder.parent / "secret.yaml")
    with pytest.raises(SpecError, match="lies outside of the spec's folder"):
        load(folder / "net.yaml")


def test_a_folder_that_is_not_there(folder: Path) -> None:
    with pytest.raises(SpecError, match="is no folder to include from"):
        load(folder / "net.yaml", include=[folder / "nope"])
