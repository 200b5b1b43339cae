"""What changed between two states, by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Sepconv
from tests.repository import Repository

# conv: 8·3·9 = 216 parameters, 216·64 = 13,824 MACs. linear: 8·64·10 = 5,120.
OLD = """
name: net
input: [3, 8, 8]
layers:
  - conv: {out_channels: 8, kernel_size: 3, padding: 1, bias: false}
  - relu
  - conv: {out_channels: 8, kernel_size: 1, bias: false}
  - flatten
  - linear: {out_features: 10, bias: false}
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def diff(sepconv: Sepconv, new: str, *arguments: object) -> dict[str, Any]:
    Path("old.yaml").write_text(OLD)
    Path("new.yaml").write_text(new)
    result = sepconv("diff", "old.yaml", "new.yaml", "-f", "json", *arguments)
    assert result.code == 0, result.err
    (found,) = json.loads(result.out)["networks"]
    return dict(found)


def layers(found: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    return [
        (one["change"], one["old"] and one["old"]["layer"], one["new"] and one["new"]["layer"])
        for one in found["layers"]
    ]


def test_nothing_is_said_in_one_line(sepconv: Sepconv) -> None:
    found = diff(sepconv, OLD)
    assert (found["change"], found["layers"]) == ("same", [])
    assert sepconv("diff", "old.yaml", "new.yaml").out == "no difference in 1 network\n"


def test_a_wider_layer(sepconv: Sepconv) -> None:
    """16 channels in between: 432 and 128 parameters for 216 and 64."""
    new = OLD.replace("out_channels: 8, kernel_size: 3", "out_channels: 16, kernel_size: 3")
    found = diff(sepconv, new)
    assert found["change"] == "changed"
    assert layers(found) == [("changed", "conv_1", "conv_1"), ("changed", "conv_2", "conv_2")]
    assert found["old"]["parameters"] == 216 + 64 + 5_120
    assert found["new"]["parameters"] == 432 + 128 + 5_120
    assert found["new"]["count"] - found["old"]["count"] == (216 + 64) * 64
    assert found["new"]["activations"] - found["old"]["activations"] == 8 * 64


def test_a_layer_that_is_put_in_changes_no_other(sepconv: Sepconv) -> None:
    """It shifts the numbers of those that follow."""
    new = OLD.replace("  - relu\n", "  - conv: {out_channels: 8, kernel_size: 1}\n  - relu\n")
    assert layers(diff(sepconv, new)) == [("added", None, "conv_2")]


def test_a_layer_that_is_gone(sepconv: Sepconv) -> None:
    assert layers(diff(sepconv, OLD.replace("  - relu\n", ""))) == [("removed", "relu", None)]


def test_a_layer_that_moved(sepconv: Sepconv) -> None:
    """Past two others, so that it is the one that moved and not they."""
    more = "  - {conv: {out_channels: 8, kernel_size: 1, bias: false}, name: last}\n  - flatten\n"
    old = OLD.replace("  - flatten\n", more)
    new = old.replace("  - relu\n", "").replace("  - flatten\n", "  - relu\n  - flatten\n")
    Path("before.yaml").write_text(old)
    Path("after.yaml").write_text(new)
    result = sepconv("diff", "before.yaml", "after.yaml", "-f", "json")
    assert layers(json.loads(result.out)["networks"][0]) == [("moved", "relu", "relu")]


def test_a_layer_that_became_another(sepconv: Sepconv) -> None:
    found = diff(sepconv, OLD.replace("- relu", "- silu"))
    assert layers(found) == [("added", None, "silu"), ("removed", "relu", None)]


def test_a_new_name_is_no_change(sepconv: Sepconv) -> None:
    assert layers(diff(sepconv, OLD.replace("- relu", "- relu:\n    name: act"))) == []


def test_variants_settings_and_convention(sepconv: Sepconv) -> None:
    """thop is 13,824 + 4,096 + 5,120 too; depthwise 27 + 24 for the first one's 216."""
    found = diff(sepconv, OLD, "--variant", "depthwise_separable", "--convention", "thop")
    assert found["new"]["count"] == (27 + 24 + 64) * 64 + 5_120
    assert found["variant"] == "depthwise_separable"


def test_in_words(sepconv: Sepconv) -> None:
    diff(sepconv, OLD.replace("out_features: 10", "out_features: 12"))
    result = sepconv("diff", "old.yaml", "new.yaml")
    lines = [line.split() for line in result.out.splitlines()]
    assert ["changed", "net", "standard", "6,424", "+1,024", "+19.0%", "24,064", "+1,024",
            "+4.4%", "1,036", "+2", "+0.2%"] in lines  # fmt: skip
    assert ["changed", "linear", "linear", "10", "->", "12", "6,144", "+1,024", "+20.0%",
            "6,144", "+1,024", "+20.0%", "12", "+2", "+20.0%"] in lines  # fmt: skip
    assert lines[-1] == ["1", "changed,", "0", "the", "same,", "of", "1", "network"]


def test_folders(sepconv: Sepconv) -> None:
    for folder, files in {
        "a": {"same": OLD, "gone": OLD.replace("net", "gone"), "sub/was": OLD.replace("net", "m")},
        "b": {"same": OLD, "come": OLD.replace("net", "come"), "is": OLD.replace("net", "m")},
    }.items():
        for name, text in files.items():
            path = Path(folder, f"{name}.yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    result = sepconv("diff", "a", "b", "-f", "json")
    found = json.loads(result.out)
    assert {(one["network"], one["change"], one["old_file"], one["file"]) for one in
            found["networks"]} == {
        ("net", "same", "a/same.yaml", "b/same.yaml"),
        ("come", "added", None, "b/come.yaml"),
        ("gone", "removed", "a/gone.yaml", None),
        ("m", "same", "a/sub/was.yaml", "b/is.yaml"),
    }  # fmt: skip
    assert found["headline"] == "1 added, 1 removed, 2 the same, of 4 networks"
    assert "b/is.yaml was a/sub/was.yaml" in sepconv("diff", "a", "b").out


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    found = Repository(tmp_path / "repository")
    monkeypatch.chdir(found.folder)
    return found


def test_a_revision_beside_a_file(sepconv: Sepconv, repository: Repository) -> None:
    repository.commit(**{"net.yaml": OLD})
    repository.write("net.yaml", OLD.replace("out_features: 10", "out_features: 12"))
    result = sepconv("diff", "git:HEAD:net.yaml", "net.yaml", "-f", "json")
    (found,) = json.loads(result.out)["networks"]
    assert (found["old_file"], found["change"]) == ("git:HEAD:net.yaml", "changed")
    both = sepconv("diff", "git:HEAD:net.yaml", "git:main:net.yaml")
    assert both.out == "no difference in 1 network\n"
    folders = sepconv("diff", "git:HEAD:.", ".", "-f", "json")
    assert json.loads(folders.out)["headline"] == "1 changed, 0 the same, of 1 network"


def test_since_a_baseline(sepconv: Sepconv, repository: Repository) -> None:
    repository.commit(
        **{
            "nets/a.yaml": OLD.replace("net", "a"),
            "nets/b.yaml": OLD.replace("net", "b"),
            "nets/broken.yaml": "input: [1]\nlayers: [cnv]\n",
            "nets/old.yaml": OLD.replace("net", "moved"),
            "elsewhere/c.yaml": OLD.replace("net", "c"),
        }
    )
    repository.git("mv", "nets/old.yaml", "nets/new.yaml")
    Path("nets/b.yaml").unlink()
    Path("elsewhere/c.yaml").unlink()
    repository.write("nets/broken.yaml", OLD.replace("net", "mended"))
    repository.write("nets/fresh.yaml", OLD.replace("net", "fresh"))
    result = sepconv("diff", "nets", "--baseline", "git:HEAD", "-f", "json")
    assert result.code == 0
    found = {one["network"]: one for one in json.loads(result.out)["networks"]}
    assert {name: one["change"] for name, one in found.items()} == {
        "a": "same",
        "moved": "same",
        "mended": "broken",
        "fresh": "added",
        "b": "removed",
    }
    assert found["moved"]["old_file"] == "git:HEAD:nets/old.yaml"
    assert found["mended"]["why"] == (
        "git:HEAD:nets/broken.yaml is broken: no op or block is called cnv"
    )


def test_a_file_that_is_gone(sepconv: Sepconv, repository: Repository) -> None:
    repository.commit(**{"net.yaml": OLD})
    Path("net.yaml").unlink()
    result = sepconv("diff", "net.yaml", "--baseline", "git:HEAD", "-f", "json")
    assert json.loads(result.out)["headline"] == "1 removed, 0 the same, of 1 network"


def test_a_broken_new_spec_keeps_nothing_from_the_others(
    sepconv: Sepconv, repository: Repository
) -> None:
    repository.commit(**{"a.yaml": OLD, "b.yaml": OLD.replace("net", "b")})
    repository.write("a.yaml", "input: [1]\nlayers: [cnv]\n")
    repository.write("b.yaml", OLD.replace("net", "b").replace("- relu", "- silu"))
    result = sepconv("diff", ".", "--baseline", "git:HEAD", "-f", "json")
    assert result.code == 2
    assert json.loads(result.out)["headline"] == "1 changed, 0 the same, of 1 network"
    assert "a.yaml:2:10: no op or block is called cnv" in result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["old.yaml"], "diff compares two things, not 1"),
        (["old.yaml", "old.yaml", "old.yaml"], "diff compares two things, not 3"),
        (["old.yaml", "."], "are a file and a folder"),
        (["old.yaml", "missing.yaml"], "missing.yaml"),
        (["git:HEAD", "old.yaml"], "expected git:REVISION:PATH"),
        (["old.yaml", "--baseline", "old.json"], "diff compares with a revision"),
        (["old.yaml", "old.yaml", "--variant", "x"], "no variant is called x"),
        (["old.yaml", "old.yaml", "--convention", "x"], "no convention is called x"),
        (["old.yaml", "old.yaml", "--set", "x=1"], "net has no parameter x to set"),
    ],
)
def test_wrong_use(sepconv: Sepconv, arguments: list[str], message: str) -> None:
    Path("old.yaml").write_text(OLD)
    result = sepconv("diff", *arguments)
    assert result.code == 2
    assert message in result.err
    assert "Traceback" not in result.err


def test_a_path_that_the_revision_lacks(sepconv: Sepconv, repository: Repository) -> None:
    repository.commit(**{"net.yaml": OLD})
    result = sepconv("diff", "git:HEAD:other.yaml", "net.yaml")
    assert (result.code, "HEAD has no spec other.yaml" in result.err) == (2, True)


ZOO = Path(__file__).parents[2] / "configs" / "architectures"


@pytest.mark.parametrize(
    ("name", "old", "new", "added"),
    [
        # A bottleneck is three convolutions, three norms, two activations and an addition.
        (
            "mobilenet_v2",
            "  - bottleneck: {channels: 32, stride: 2}",
            "  - bottleneck: {channels: 24}\n  - bottleneck: {channels: 32, stride: 2}",
            9,
        ),
        # A separable block as it is written: a convolution, a norm and an activation.
        ("mobilenet_v1", "    repeat: 5", "    repeat: 6", 3),
    ],
)
def test_a_block_that_is_put_in_changes_no_other(
    sepconv: Sepconv, name: str, old: str, new: str, added: int
) -> None:
    text = (ZOO / f"{name}.yaml").read_text()
    assert old in text
    Path("old.yaml").write_text(text)
    Path("new.yaml").write_text(text.replace(old, new))
    result = sepconv("diff", "old.yaml", "new.yaml", "-f", "json")
    (found,) = json.loads(result.out)["networks"]
    assert [layer["change"] for layer in found["layers"]] == ["added"] * added


def test_what_one_side_does_not_count_has_no_difference(sepconv: Sepconv) -> None:
    attention = "name: net\ninput: [8, 5]\nlayers: [{multi_head_attention: {num_heads: 2}}]\n"
    Path("attention.yaml").write_text(attention)
    found = diff(sepconv, OLD, "--convention", "thop")
    assert found["new"]["count"] is not None
    result = sepconv("diff", "attention.yaml", "new.yaml", "--convention", "thop")
    (row,) = [line for line in result.out.splitlines() if line.startswith("changed  net")]
    assert f"{found['new']['count']:,}  " in row
    assert f"+{found['new']['count']:,}" not in row


def test_what_a_convention_leaves_out_is_named(sepconv: Sepconv) -> None:
    diff(sepconv, OLD.replace("- relu", "- silu"))
    result = sepconv("diff", "old.yaml", "new.yaml", "--convention", "bsconv")
    assert "bsconv has no rule for silu (1 layer): not counted." in result.out


def test_included_blocks_are_those_of_each_side(sepconv: Sepconv, repository: Repository) -> None:
    block = "blocks: {unit: {layers: [conv: {out_channels: N, kernel_size: 1, bias: false}]}}\n"
    spec = "name: net\ninclude: [unit.yaml]\ninput: [10, 1]\nlayers: [unit]\n"
    repository.commit(**{"nets/net.yaml": spec, "lib/unit.yaml": block.replace("N", "10")})
    repository.write("lib/unit.yaml", block.replace("N", "20"))
    for arguments in (
        ["git:HEAD:nets/net.yaml", "nets/net.yaml"],
        ["nets/net.yaml", "--baseline", "git:HEAD"],
    ):
        result = sepconv("diff", *arguments, "--include", "lib", "-f", "json")
        (found,) = json.loads(result.out)["networks"]
        assert (found["old"]["count"], found["new"]["count"]) == (100, 200), arguments


@pytest.mark.parametrize("paths", [("missing.yaml", "old.yaml"), ("old.yaml", "missing.yaml")])
def test_a_path_that_is_not_there(sepconv: Sepconv, paths: tuple[str, str]) -> None:
    Path("old.yaml").write_text(OLD)
    result = sepconv("diff", *paths)
    assert (result.code, result.out) == (2, "")
    assert "there is no missing.yaml" in result.err
