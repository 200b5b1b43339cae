"""The action's script, run with a `sepconv`, `gh` and `pip` that write down what they are told."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from sepconv_cli.formats._page import MARKER

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "action.sh"
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())

RECORDER = f"""#!{sys.executable}
import json, os, sys
from pathlib import Path
name = Path(sys.argv[0]).name
with open(os.environ["CALLS"], "a") as calls:
    calls.write(json.dumps([name, *sys.argv[1:]]) + "\\n")
"""
SEPCONV = """
print("annotations")
for argument in sys.argv:
    if argument.startswith("--output="):
        Path(argument.partition("=")[2]).write_text("report")
unknown = "--format=unknown" in sys.argv
sys.exit(2 if unknown else int(os.environ["SEPCONV_CODE"]))
"""
GH = """
if "--jq" in sys.argv:
    print(os.environ["COMMENTS"], end="")
sys.exit(int(os.environ["GH_CODE"]))
"""
PYTHON = f"""
if name == "pip":
    sys.exit(0)
if sys.argv[1:3] != ["-m", "venv"]:
    os.execv({sys.executable!r}, [{sys.executable!r}, *sys.argv[1:]])
pip = Path(sys.argv[3]) / "bin" / "pip"
pip.parent.mkdir(parents=True)
pip.symlink_to(sys.argv[0])
"""
EVIL = [
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    '"; touch pwned; "',
    "--config=evil.yaml",
    "-o",
    "a path with spaces",
    "*",
    "${{ github.token }}",
]


class Done(NamedTuple):
    """What the script left behind."""

    code: int
    out: str
    outputs: dict[str, str]
    calls: list[list[str]]

    def of(self, name: str) -> list[list[str]]:
        """The calls of a program, without its name."""
        return [call[1:] for call in self.calls if call[0] == name]


class Runner:
    """A folder like that of a job's runner."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in {"sepconv": SEPCONV, "gh": GH, "python3": PYTHON}.items():
            self._program(name, text)
        (folder / "event.json").write_text('{"pull_request": {"number": 7}}')

    def _program(self, name: str, text: str) -> None:
        file = self.folder / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(RECORDER + text)
        file.chmod(0o755)

    def run(self, **changes: str) -> Done:
        """Run the script with the action's defaults, but for what is changed."""
        (self.folder / "work").mkdir(exist_ok=True)
        done = subprocess.run(
            ["bash", SCRIPT],
            cwd=self.folder / "work",
            env={**self.environment(), **changes},
            capture_output=True,
            text=True,
            check=False,
        )
        assert not list((self.folder / "work").iterdir())
        assert not (self.folder / "pwned").exists()
        lines = (self.folder / "outputs").read_text().splitlines()
        outputs = dict(line.split("=", 1) for line in lines)
        assert set(outputs) == set(ACTION["outputs"])
        calls = (self.folder / "calls").read_text().splitlines()
        return Done(done.returncode, done.stdout, outputs, [json.loads(call) for call in calls])

    def environment(self) -> dict[str, str]:
        """The environment of a step, with nothing to install."""
        inputs = {
            "INPUT_" + name.upper().replace("-", "_"): str(given["default"])
            for name, given in ACTION["inputs"].items()
        }
        return {
            **inputs,
            "INPUT_REQUIREMENT": "none",
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "RUNNER_TEMP": str(self.folder),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_REPOSITORY": "owner/nets",
            "CALLS": str(self.folder / "calls"),
            "SEPCONV_CODE": "0",
            "GH_CODE": "0",
            "COMMENTS": "",
        }


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


@pytest.mark.parametrize(("code", "verdict"), [(0, "passed"), (1, "failed")])
def test_a_verdict(runner: Runner, code: int, verdict: str) -> None:
    done = runner.run(SEPCONV_CODE=str(code))
    report = runner.folder / "sepconv-report"
    assert (done.code, done.out) == (code, "annotations\nannotations\n")
    assert done.outputs == {"verdict": verdict, "exit-code": str(code), "report": str(report)}
    assert report.read_text() == "report"
    assert done.of("sepconv") == [
        ["check", "--fail-on=error", "--format=github", "--", "."],
        ["check", "--fail-on=error", "--format=json", f"--output={report}", "--", "."],
    ]
    assert not done.of("gh")


@pytest.mark.parametrize("code", [2, 130])
def test_where_nothing_could_be_checked_there_is_no_report(runner: Runner, code: int) -> None:
    done = runner.run(SEPCONV_CODE=str(code), INPUT_COMMENT="true")
    assert done.code == code
    assert done.outputs == {"verdict": "error", "exit-code": str(code), "report": ""}
    assert len(done.calls) == 1


def test_an_unknown_format_is_an_error(runner: Runner) -> None:
    done = runner.run(SEPCONV_CODE="1", INPUT_FORMAT="unknown")
    assert (done.code, done.outputs["verdict"]) == (2, "error")


def test_paths_stand_on_lines_of_their_own(runner: Runner) -> None:
    done = runner.run(INPUT_PATHS="configs/a b.yaml\n\nconfigs/*.yaml\n")
    assert done.of("sepconv")[0][-3:] == ["--", "configs/a b.yaml", "configs/*.yaml"]


def test_no_paths_are_the_whole_folder(runner: Runner) -> None:
    assert runner.run(INPUT_PATHS="\n").of("sepconv")[0][-2:] == ["--", "."]


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("name", ["PATHS", "BASELINE", "FAIL_ON", "FORMAT", "COMMENT"])
def test_an_input_is_one_argument_and_nothing_else(runner: Runner, name: str, evil: str) -> None:
    done = runner.run(**{f"INPUT_{name}": evil})
    report = runner.folder / "sepconv-report"
    given = {"PATHS": ".", "BASELINE": "", "FAIL_ON": "error", "FORMAT": "json", name: evil}
    options = [f"--fail-on={given['FAIL_ON']}"]
    options += [f"--baseline={given['BASELINE']}"] if given["BASELINE"] else []
    written = [f"--format={given['FORMAT']}", f"--output={report}"]
    assert done.calls == [
        ["sepconv", "check", *options, "--format=github", "--", given["PATHS"]],
        ["sepconv", "check", *options, *written, "--", given["PATHS"]],
    ]


# The comment


def test_the_first_comment(runner: Runner) -> None:
    done = runner.run(SEPCONV_CODE="1", INPUT_COMMENT="true")
    body = runner.folder / "sepconv-comment.md"
    assert done.code == 1
    assert body.read_text() == "report"
    look, post = done.of("gh")
    assert look[:3] == ["api", "--paginate", "repos/owner/nets/issues/7/comments"]
    assert post == [
        "api", "--silent", "--method", "POST", "repos/owner/nets/issues/7/comments",
        "--field", f"body=@{body}",
    ]  # fmt: skip


def test_the_comment_is_updated_in_place(runner: Runner) -> None:
    done = runner.run(INPUT_COMMENT="true", COMMENTS="41\n42\n")
    _, patch = done.of("gh")
    assert patch[2:5] == ["--method", "PATCH", "repos/owner/nets/issues/comments/41"]


def test_the_marker_is_that_of_the_format() -> None:
    assert f"marker='{MARKER}'" in SCRIPT.read_text()


def test_only_a_bots_comment_with_the_marker_is_ours(runner: Runner) -> None:
    look, _ = runner.run(INPUT_COMMENT="true").of("gh")
    assert look[-1] == (
        '.[] | select(.user.type == "Bot" and (.body | startswith("<!-- sepconv -->"))) | .id'
    )


def test_a_comment_that_cannot_be_written_leaves_the_verdict(runner: Runner) -> None:
    done = runner.run(INPUT_COMMENT="true", GH_CODE="1")
    assert (done.code, done.outputs["verdict"]) == (0, "passed")
    assert done.out.splitlines()[-1] == (
        "::warning::no comment: the job needs the permission pull-requests: write"
    )


@pytest.mark.parametrize("event", ["{}", '{"pull_request": {"number": "7; touch pwned"}}'])
def test_without_a_pull_request_there_is_no_comment(runner: Runner, event: str) -> None:
    (runner.folder / "event.json").write_text(event)
    done = runner.run(INPUT_COMMENT="true")
    assert (done.code, done.of("gh")) == (0, [])


# What is installed


@pytest.mark.parametrize(
    ("requirement", "installed"),
    [("", str(ROOT)), ("sepconv==1.0", "sepconv==1.0"), ("--index-url=evil", "--index-url=evil")],
)
def test_what_pip_installs(runner: Runner, requirement: str, installed: str) -> None:
    done = runner.run(INPUT_REQUIREMENT=requirement)
    assert done.of("python3") == [["-m", "venv", str(runner.folder / "sepconv")]]
    assert done.of("pip") == [
        ["install", "--quiet", "--disable-pip-version-check", "--", installed]
    ]
    assert done.code == 0


def test_a_failed_installation_is_an_error(runner: Runner) -> None:
    (runner.folder / "sepconv").write_text("in the way of the folder")
    done = runner.run(INPUT_REQUIREMENT="")
    assert (done.code, done.outputs["verdict"]) == (2, "error")
    assert not done.of("sepconv")


NET = """name: small
input: [3, 7, 7]
layers: [conv: {out_channels: 128, kernel_size: 3, bias: false}]
budgets: [{id: phone, metric: macs, max: 1k}]
"""


def test_with_the_real_program(runner: Runner) -> None:
    """The script as a job runs it: annotations, report, summary and comment of one verdict."""
    program = (
        f"os.execv({sys.executable!r}, [{sys.executable!r}, '-m', 'sepconv_cli', *sys.argv[1:]])"
    )
    runner._program("sepconv", f'os.environ["PYTHONPATH"] = {str(ROOT)!r}\n{program}\n')
    net = runner.folder / "net.yaml"
    net.write_text(NET)
    summary = runner.folder / "summary.md"
    done = runner.run(INPUT_PATHS=str(net), INPUT_COMMENT="true", GITHUB_STEP_SUMMARY=str(summary))
    assert done.code == 1
    assert done.out.startswith("::error file=")
    assert done.outputs["verdict"] == "failed"
    report = json.loads(Path(done.outputs["report"]).read_text())
    assert report["headline"] == "1 limit exceeded, 0 kept, in 1 spec"
    assert "**1 limit exceeded, 0 kept, in 1 spec**" in summary.read_text()
    (listed, posted) = done.of("gh")
    assert "--paginate" in listed
    assert posted[1:4] == ["--silent", "--method", "POST"]
    comment = (runner.folder / "sepconv-comment.md").read_text()
    assert comment.splitlines()[:2] == [MARKER, "**1 limit exceeded, 0 kept, in 1 spec**"]
