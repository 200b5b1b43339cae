"""Growth against a baseline, in real git repositories and from earlier JSON.

A convolution of n channels to n, kernel 1 on one position, has n² MACs and parameters.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Result, Sepconv
from tests.repository import Repository

RULES = """budgets:
  - {id: absolute, metric: macs, max: 1M}
  - {id: growth, metric: macs, max_growth: 10%}
"""


def net(channels: int, name: str = "net", rules: str = RULES) -> str:
    return (
        f"name: {name}\ninput: [{channels}, 1]\n"
        f"layers: [conv: {{out_channels: {channels}, kernel_size: 1, bias: false}}]\n{rules}"
    )


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    found = Repository(tmp_path / "repository")
    monkeypatch.chdir(found.folder)
    return found


def judged(result: Result) -> dict[str, tuple[str, int | None, str]]:
    """Status, value before and reason of every verdict, by network and rule."""
    found = json.loads(result.out)["verdicts"]
    return {
        f"{one['network']} {one['id']}": (one["status"], one["before"], one["why"]) for one in found
    }


def check(sepconv: Sepconv, *arguments: object) -> Result:
    return sepconv("check", *arguments, "-f", "json")


def test_growth_since_a_revision(sepconv: Sepconv, repository: Repository) -> None:
    repository.commit(**{"net.yaml": net(100)})
    repository.write("net.yaml", net(104))
    result = check(sepconv, "net.yaml", "--baseline", "git:main")
    assert judged(result)["net growth"] == ("passed", 10_000, "")
    repository.write("net.yaml", net(105))
    result = check(sepconv, "net.yaml", "--baseline", "git:HEAD")
    assert (result.code, judged(result)["net growth"]) == (1, ("failed", 10_000, ""))


def test_revisions_of_every_kind(sepconv: Sepconv, repository: Repository) -> None:
    first = repository.commit(**{"net.yaml": net(100)})
    repository.git("tag", "v1")
    repository.git("branch", "feature/x")
    repository.commit(**{"net.yaml": net(200)})
    for name in (first, first[:8], "v1", "feature/x", "HEAD~1", "main^"):
        result = check(sepconv, "net.yaml", "--baseline", f"git:{name}")
        assert judged(result)["net growth"] == ("failed", 10_000, ""), name
    assert judged(check(sepconv, "net.yaml", "--baseline", "git:HEAD"))["net growth"] == (
        "passed",
        40_000,
        "",
    )


def test_without_a_baseline_growth_is_skipped(sepconv: Sepconv, repository: Repository) -> None:
    repository.write("net.yaml", net(100))
    result = check(sepconv, "net.yaml")
    assert (result.code, judged(result)["net growth"]) == (
        0,
        ("skipped", None, "no baseline is given"),
    )


def test_a_new_spec_has_its_absolute_rules_only(sepconv: Sepconv, repository: Repository) -> None:
    repository.commit()
    repository.write("net.yaml", net(2_000))
    result = check(sepconv, "net.yaml", "--baseline", "git:HEAD")
    assert result.code == 1
    assert judged(result) == {
        "net absolute": ("failed", None, ""),
        "net growth": ("skipped", None, "the spec is new"),
    }


def test_a_first_commit_has_no_parent(sepconv: Sepconv, repository: Repository) -> None:
    repository.commit(**{"net.yaml": net(100)})
    result = check(sepconv, "net.yaml", "--baseline", "git:HEAD~1")
    assert (result.code, result.out) == (2, "")
    assert "git knows no revision HEAD~1" in result.err
    assert "a branch, a tag or a commit" in result.err


def test_no_commit_at_all(sepconv: Sepconv, repository: Repository) -> None:
    repository.write("net.yaml", net(100))
    assert check(sepconv, "net.yaml", "--baseline", "git:HEAD").code == 2


def test_a_shallow_clone_gets_a_hint(
    sepconv: Sepconv, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit(**{"net.yaml": net(100)})
    repository.commit(**{"net.yaml": net(200)})
    shallow = repository.folder.parent / "shallow"
    repository.git("clone", "--quiet", "--depth", "1", f"file://{repository.folder}", str(shallow))
    monkeypatch.chdir(shallow)
    result = check(sepconv, "net.yaml", "--baseline", "git:HEAD~1")
    assert result.code == 2
    assert "this clone is shallow" in result.err
    assert judged(check(sepconv, "net.yaml", "--baseline", "git:HEAD"))["net growth"] == (
        "passed",
        40_000,
        "",
    )


def test_outside_of_a_repository(
    sepconv: Sepconv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    Path("net.yaml").write_text(net(100))
    result = check(sepconv, "net.yaml", "--baseline", "git:main")
    assert (result.code, "not a git repository" in result.err) == (2, True)


def test_git_is_not_installed(
    sepconv: Sepconv, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write("net.yaml", net(100))
    monkeypatch.setenv("PATH", "")
    result = check(sepconv, "net.yaml", "--baseline", "git:main")
    assert (result.code, "git, which isn't installed" in result.err) == (2, True)


@pytest.mark.parametrize("revision", ["--output=x", "-n1", "main; touch x", "$(touch x)"])
def test_a_revision_is_no_option_and_no_command(
    sepconv: Sepconv, repository: Repository, revision: str
) -> None:
    repository.commit(**{"net.yaml": net(100)})
    result = check(sepconv, "net.yaml", "--baseline", f"git:{revision}")
    assert result.code == 2
    assert not Path("x").exists()


def test_a_renamed_spec_is_followed(sepconv: Sepconv, repository: Repository) -> None:
    repository.commit(**{"old.yaml": net(100), "other.yaml": net(7, "other")})
    repository.git("mv", "old.yaml", "new.yaml")
    result = check(sepconv, ".", "--baseline", "git:HEAD")
    assert judged(result)["net growth"] == ("passed", 10_000, "")
    assert json.loads(result.out)["notes"] == ["new.yaml was old.yaml"]


def test_a_spec_moved_by_hand_is_told_by_its_name(sepconv: Sepconv, repository: Repository) -> None:
    """git sees a file that is gone and one that it doesn't track."""
    repository.commit(**{"old.yaml": net(100)})
    shutil.move("old.yaml", "new.yaml")
    repository.write("new.yaml", net(300))
    result = check(sepconv, ".", "--baseline", "git:HEAD")
    assert judged(result)["net growth"] == ("failed", 10_000, "")


def test_a_deleted_spec_is_named(sepconv: Sepconv, repository: Repository) -> None:
    repository.commit(**{"a.yaml": net(1, "a"), "b.yaml": net(2, "b"), "ci.yaml": "steps: []\n"})
    Path("b.yaml").unlink()
    Path("ci.yaml").unlink()
    result = check(sepconv, ".", "--baseline", "git:HEAD")
    assert json.loads(result.out)["notes"] == ["b.yaml is gone"]
    result = check(sepconv, "a.yaml", "--baseline", "git:HEAD")
    assert json.loads(result.out)["notes"] == []


def test_a_dirty_tree_is_what_is_checked(sepconv: Sepconv, repository: Repository) -> None:
    repository.commit(**{"net.yaml": net(100)})
    repository.write("net.yaml", net(200))
    repository.git("add", "net.yaml")
    repository.write("net.yaml", net(300))
    result = check(sepconv, "net.yaml", "--baseline", "git:HEAD")
    value = json.loads(result.out)["verdicts"][0]["value"]
    assert (value, judged(result)["net growth"][1]) == (90_000, 10_000)
    assert repository.git("status", "--porcelain") == "MM net.yaml"


def test_a_spec_that_was_broken(sepconv: Sepconv, repository: Repository) -> None:
    repository.commit(**{"net.yaml": "input: [1, 1]\nlayers: [cnv]\n"})
    repository.write("net.yaml", net(100))
    result = check(sepconv, "net.yaml", "--baseline", "git:HEAD")
    assert result.code == 0
    why = "git:HEAD:net.yaml is broken: no op or block is called cnv"
    assert judged(result)["net growth"] == ("skipped", None, why)


def test_included_blocks_are_those_of_the_revision(
    sepconv: Sepconv, repository: Repository
) -> None:
    """The block makes 10 channels of 10, then 20."""
    block = "blocks: {unit: {layers: [conv: {out_channels: N, kernel_size: 1, bias: false}]}}\n"
    spec = f"name: net\ninclude: [parts/unit.yaml]\ninput: [10, 1]\nlayers: [unit]\n{RULES}"
    repository.commit(**{"nets/net.yaml": spec, "nets/parts/unit.yaml": block.replace("N", "10")})
    repository.write("nets/parts/unit.yaml", block.replace("N", "20"))
    result = check(sepconv, "nets", "--baseline", "git:HEAD")
    assert judged(result)["net growth"] == ("failed", 100, "")


def test_from_a_folder_below_the_root(
    sepconv: Sepconv, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit(**{"nets/net.yaml": net(100)})
    monkeypatch.chdir(repository.folder / "nets")
    result = check(sepconv, "net.yaml", "--baseline", "git:HEAD")
    assert judged(result)["net growth"] == ("passed", 10_000, "")


@pytest.mark.parametrize("name", ["net work.yaml", "nätwerk.yaml", "a'b\".yaml"])
def test_names_that_need_quotes(sepconv: Sepconv, repository: Repository, name: str) -> None:
    repository.commit(**{name: net(100)})
    result = check(sepconv, name, "--baseline", "git:HEAD")
    assert judged(result)["net growth"] == ("passed", 10_000, "")


# The JSON of an earlier run.


def saved(result: Result) -> Path:
    file = Path("baseline.json")
    file.write_text(result.out)
    return file


def test_the_json_of_an_earlier_check(sepconv: Sepconv, repository: Repository) -> None:
    repository.write("net.yaml", net(100))
    baseline = saved(check(sepconv, "net.yaml"))
    repository.write("net.yaml", net(105))
    result = check(sepconv, "net.yaml", "--baseline", baseline)
    assert (result.code, judged(result)["net growth"]) == (1, ("failed", 10_000, ""))


def test_the_json_of_compare(sepconv: Sepconv, repository: Repository) -> None:
    repository.write("net.yaml", net(100))
    baseline = saved(sepconv("compare", "net.yaml", "--engine", "analytic", "-f", "json"))
    repository.write("net.yaml", net(105))
    assert judged(check(sepconv, "net.yaml", "--baseline", baseline))["net growth"] == (
        "failed",
        10_000,
        "",
    )


def test_what_a_json_baseline_lacks(sepconv: Sepconv, repository: Repository) -> None:
    thop = "budgets: [{id: growth, metric: thop, max_growth: 1%}]\n"
    repository.write("net.yaml", net(100, rules=thop))
    repository.write("new.yaml", net(100, "new", thop))
    baseline = saved(sepconv("compare", "net.yaml", "--engine", "analytic", "-f", "json"))
    found = judged(check(sepconv, "net.yaml", "new.yaml", "--baseline", baseline))
    assert found["net growth"][2].startswith("the baseline doesn't hold thop of standard with")
    assert found["new growth"][2] == "the spec is new"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "the baseline baseline.json can't be read: No such file"),
        ("{", "baseline.json is no baseline"),
        ("[]", "baseline.json is no baseline"),
        ('{"a": 1}', "baseline.json is no baseline"),
        ('{"rows": [1]}', "baseline.json is no baseline"),
        ('{"verdicts": [{"id": "growth"}]}', "baseline.json is no baseline"),
    ],
)
def test_a_wrong_json_baseline(
    sepconv: Sepconv, repository: Repository, text: Any, message: str
) -> None:
    repository.write("net.yaml", net(100))
    if text is not None:
        Path("baseline.json").write_text(text)
    result = check(sepconv, "net.yaml", "--baseline", "baseline.json")
    assert (result.code, result.out) == (2, "")
    assert message in result.err


def test_specs_of_the_same_name_are_told_apart_by_their_files(
    sepconv: Sepconv, repository: Repository
) -> None:
    repository.write("a.yaml", net(100))
    repository.write("b.yaml", net(300))
    baseline = saved(check(sepconv, "a.yaml", "b.yaml"))
    found = json.loads(check(sepconv, "b.yaml", "a.yaml", "--baseline", baseline).out)["verdicts"]
    before = {(one["file"], one["before"]) for one in found if one["id"] == "growth"}
    assert before == {("a.yaml", 10_000), ("b.yaml", 90_000)}
    # Moved, neither can be told from the other.
    Path("a.yaml").rename("c.yaml")
    found = judged(check(sepconv, "c.yaml", "--baseline", baseline))
    assert found["net growth"] == ("skipped", None, "the spec is new")


def test_a_baseline_read_from_another_folder(
    sepconv: Sepconv, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A spec is known by its name there, as its path was written from where the run was."""
    repository.write("nets/net.yaml", net(100))
    baseline = saved(check(sepconv, "nets/net.yaml")).resolve()
    monkeypatch.chdir("nets")
    found = judged(check(sepconv, "net.yaml", "--baseline", baseline))
    assert found["net growth"] == ("passed", 10_000, "")


def test_a_spec_outside_of_the_repository_is_not_new(
    sepconv: Sepconv, repository: Repository, tmp_path: Path
) -> None:
    repository.commit(**{"net.yaml": net(100)})
    (tmp_path / "other.yaml").write_text(net(100))
    result = check(sepconv, tmp_path / "other.yaml", "--baseline", "git:HEAD")
    why = "the spec lies outside of the repository"
    assert judged(result)["net growth"] == ("skipped", None, why)
