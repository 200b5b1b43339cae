"""Blocks from other files: found, bounded to the spec's folder, never in a circle."""

from pathlib import Path

import pytest

from sepconv_cli import SpecError, load
from sepconv_cli.errors import Source
from sepconv_cli.language import includes
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


def test_each_file_is_read_once_however_often_it_is_included(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty files of which each names the next twice: 2**30 ways lead to the last."""
    blocks = folder / "blocks"
    (blocks / "unit.yaml").write_text("include: [0.yaml, 0.yaml]\n" + UNIT)
    for number in range(29):
        text = f"include: [{number + 1}.yaml, ../blocks/{number + 1}.yaml]\n"
        (blocks / f"{number}.yaml").write_text(text)
    (blocks / "29.yaml").write_text(HELPER)
    read: list[str] = []

    def once(path: str) -> Source:
        assert path not in read
        read.append(path)
        return Source(path, Path(path).read_text())

    monkeypatch.setattr(includes, "read_source", once)
    spec = load(folder / "net.yaml")
    assert [Path(path).stem for path in read] == ["unit", *map(str, range(30))]
    assert [source.name for source in spec.included] == read
    assert [node.name for node in lower(spec).nodes] == ["unit.conv", "unit.helper.relu"]


def test_blocks_that_two_included_files_share_come_once(folder: Path) -> None:
    other = "include: helper.yaml\nblocks:\n  other: {layers: [helper]}\n"
    (folder / "blocks" / "other.yaml").write_text(other)
    text = SPEC.replace("unit.yaml]", "unit.yaml, blocks/other.yaml]").replace("[unit]", "[other]")
    (folder / "net.yaml").write_text(text)
    assert [node.name for node in lower(load(folder / "net.yaml")).nodes] == ["other.helper.relu"]


def test_a_circle_is_found_behind_a_file_that_was_read_before(folder: Path) -> None:
    """unit includes helper and third, helper third, and third helper."""
    blocks = folder / "blocks"
    (blocks / "unit.yaml").write_text("include: [helper.yaml, third.yaml]\n" + UNIT)
    (blocks / "helper.yaml").write_text("include: third.yaml\n" + HELPER)
    (blocks / "third.yaml").write_text("include: helper.yaml\n")
    circle = "files that include each other: helper.yaml -> third.yaml -> helper.yaml"
    assert message(folder / "net.yaml") == f"third.yaml:1:10: {circle}"


def test_a_bad_file_is_reported_once_however_often_it_is_included(folder: Path) -> None:
    text = SPEC.replace("unit.yaml]", "unit.yaml, blocks/helper.yaml]")
    (folder / "net.yaml").write_text(text)
    (folder / "blocks" / "helper.yaml").write_text("blocks: [\n")
    with pytest.raises(SpecError) as error:
        load(folder / "net.yaml")
    assert str(error.value).count("helper.yaml:") == 1


@pytest.mark.parametrize(("files", "fits"), [(100, True), (101, False)])
def test_included_files_are_bounded_in_number(folder: Path, files: int, fits: bool) -> None:
    blocks = folder / "blocks"
    for number in range(1, files - 1):
        (blocks / f"{number}.yaml").write_text(f"include: {number + 1}.yaml\n")
    (blocks / f"{files - 1}.yaml").write_text(HELPER)
    (blocks / "unit.yaml").write_text("include: 1.yaml\n" + UNIT)
    if fits:
        assert len(load(folder / "net.yaml").included) == files
    else:
        assert message(folder / "net.yaml") == "99.yaml:1:10: more than 100 included files"


@pytest.mark.parametrize(("spare", "fits"), [(0, True), (-1, False)])
def test_included_files_are_bounded_in_size(folder: Path, spare: int, fits: bool) -> None:
    """All together take up to 2 MiB, counted in bytes: an umlaut is two."""
    unit, helper = "include: helper.yaml\n" + UNIT, HELPER + "# "
    room = 2 * 2**20 - spare - len(unit) - len(helper)
    padding = "\u00fc" * (room // 2) + "u" * (room % 2)
    (folder / "blocks" / "helper.yaml").write_text(helper + padding, encoding="utf-8")
    if fits:
        assert len(load(folder / "net.yaml").included) == 2
    else:
        expected = "unit.yaml:1:10: included files of more than 2 MiB together"
        assert message(folder / "net.yaml") == expected
