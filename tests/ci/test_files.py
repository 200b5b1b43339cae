"""The files that plug sepconv in: valid by the schemas of those who read them, and documented."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pre_commit.clientlib import load_config, load_manifest

from sepconv_cli.registry import names

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
DOCS = (ROOT / "docs" / "ci.md").read_text()
SNIPPETS = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)


def check(schema: str, file: Path) -> None:
    """Held to a schema that check-jsonschema brings along."""
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def snippet(word: str, folder: Path) -> Path:
    """The one snippet of the documentation that begins with the word."""
    (text,) = [text for text in SNIPPETS if text.startswith(word)]
    file = folder / "snippet.yaml"
    file.write_text(text)
    return file


def test_the_action() -> None:
    check("github-actions", ROOT / "action.yml")


def test_the_workflow_of_the_documentation(tmp_path: Path) -> None:
    check("github-workflows", snippet("name: budgets", tmp_path))


def test_the_steps_for_code_scanning(tmp_path: Path) -> None:
    """As the steps of a job."""
    steps = yaml.safe_load(snippet("- uses: OWNER/sepconv", tmp_path).read_text())
    job = {"runs-on": "ubuntu-latest", "steps": steps}
    file = tmp_path / "workflow.yaml"
    file.write_text(yaml.safe_dump({"on": "push", "jobs": {"sepconv": job}}))
    check("github-workflows", file)


def test_the_pipeline_of_the_documentation(tmp_path: Path) -> None:
    check("gitlab-ci", snippet("budgets:", tmp_path))


def test_the_hook_as_pre_commit_reads_it() -> None:
    (hook,) = load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))
    assert (hook["id"], hook["entry"], hook["language"]) == (
        "sepconv-check", "sepconv check", "python",
    )  # fmt: skip
    assert hook["pass_filenames"]
    assert hook["additional_dependencies"] == []


def test_the_hook_of_the_documentation(tmp_path: Path) -> None:
    config = load_config(str(snippet("repos:", tmp_path)))
    assert [hook["id"] for hook in config["repos"][0]["hooks"]] == ["sepconv-check"]


def test_no_input_is_put_into_the_shell() -> None:
    (step,) = ACTION["runs"]["steps"]
    assert "${{" not in step["run"]
    given = {re.sub(r"\W", "", value.removeprefix("${{ inputs.")) for value in step["env"].values()}
    assert given == {re.sub(r"\W", "", name) for name in ACTION["inputs"]}


@pytest.mark.parametrize("name", [*ACTION["inputs"], *ACTION["outputs"], *names("formats")])
def test_every_name_is_documented(name: str) -> None:
    assert f"`{name}`" in DOCS


def test_the_documentation_passes_inputs_that_there_are(tmp_path: Path) -> None:
    workflow = yaml.safe_load(snippet("name: budgets", tmp_path).read_text())
    step = workflow["jobs"]["sepconv"]["steps"][1]
    assert set(step["with"]) <= set(ACTION["inputs"])
