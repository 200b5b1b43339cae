"""The README names everything that a user can type, and its commands are those that CI runs."""

import re
import runpy
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sepconv_cli.cli import ABOUT
from sepconv_cli.language.fields import fields
from sepconv_cli.language.layers import LAYER_KEYS
from sepconv_cli.language.numbers import FUNCTIONS
from sepconv_cli.language.read import TOP_KEYS
from sepconv_cli.registry import get, names, record

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
WORDS = set(re.findall(r"[\w-]+", README))
ENTRIES = [
    (folder, name)
    for folder in ("commands", "ops", "variants", "conventions", "metrics", "formats")
    for name in names(folder)
]


@pytest.mark.parametrize(("folder", "name"), ENTRIES, ids="/".join)
def test_every_name_is_in_the_readme(folder: str, name: str) -> None:
    assert name in WORDS, folder


@pytest.mark.parametrize(("folder", "name"), ENTRIES, ids="/".join)
def test_every_entry_says_what_it_is(folder: str, name: str) -> None:
    assert (get(folder, name).__doc__ or "").strip()


@pytest.mark.parametrize("name", [*names("variants")])
def test_every_option_of_a_variant_is_in_the_readme_and_on_the_command_line(name: str) -> None:
    kind: type = record("variants", name)
    for option in fields(kind):
        assert option in WORDS
        assert "--" + option.replace("_", "-") in help_of("compare")


@pytest.mark.parametrize("word", [*TOP_KEYS, *LAYER_KEYS, *FUNCTIONS, "in_channels", "in_size"])
def test_every_word_of_the_language_is_in_the_readme(word: str) -> None:
    assert word in WORDS


@pytest.mark.parametrize("variant", [name for name in names("variants") if name != "standard"])
def test_the_description_names_every_kind_of_variant(variant: str) -> None:
    kind = variant.removesuffix("_u").removesuffix("_s").replace("_", " ")
    package = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["description"]
    for text in (package, ABOUT):
        assert kind in text.replace("-", " ")


def help_of(command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "sepconv_cli", command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"COLUMNS": "200", "PATH": ""},
    )
    return done.stdout


def fenced(after: str) -> str:
    """The block of output that follows the first command with this text in it."""
    found = re.search(r"```\n\n```\n(.*?)\n```", README[README.index(after) :], re.DOTALL)
    assert found
    return found[1]


def run(*arguments: object, cwd: Path = ROOT, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "sepconv_cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(cwd), "XDG_CACHE_HOME": str(cwd)},
    )
    assert done.returncode == code, done.stderr
    return (done.stdout or done.stderr).rstrip("\n")


def test_the_output_of_compare_is_real(tmp_path: Path) -> None:
    spec = ROOT / "configs" / "architectures" / "mobilenet_v1.yaml"
    assert run("compare", spec, cwd=tmp_path) == fenced("bin/sepconv compare")


def test_the_output_of_reconcile_is_real() -> None:
    command = re.search(r"sepconv (reconcile zoo:resnet.*)\n", README)
    assert command
    assert run(*command[1].split()) == fenced("sepconv reconcile zoo:resnet")


def test_the_output_of_explain_is_real() -> None:
    command = re.search(r"sepconv (explain configs.*)\n", README)
    assert command
    assert run(*command[1].split()) == fenced("sepconv explain configs")


@pytest.mark.parametrize("command", ["sweep", "crossover"])
def test_the_output_of_large_grids_is_real(command: str) -> None:
    line = re.search(rf"^sepconv ({command} configs.*)$", README, re.MULTILINE)
    assert line
    assert run(*shlex.split(line[1])) == fenced(line[0])


@pytest.mark.parametrize("command", ["sweep .* --plot", "roofline .* -o"])
def test_the_picture_is_what_its_command_draws(tmp_path: Path, command: str) -> None:
    line = re.search(rf"^sepconv ({command}) docs/(.*.svg)$", README, re.MULTILINE)
    assert line
    run(*shlex.split(line[1]), tmp_path / line[2])
    drawn, committed = (
        sorted(set(re.findall(r">([^<>]+)</text>", path.read_text())))
        for path in (tmp_path / line[2], ROOT / "docs" / line[2])
    )
    assert drawn == committed


def test_the_output_of_batch_is_real(tmp_path: Path) -> None:
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    command = re.search(r"^sepconv (batch configs.*)$", README, re.MULTILINE)
    assert command
    assert run(*command[1].split(), cwd=tmp_path) == fenced("sepconv batch configs")
    assert (tmp_path / "costs.parquet").exists()


def test_the_output_of_an_error_is_real(tmp_path: Path) -> None:
    """The spec is put together from the lines that the error quotes."""
    shown = fenced("All of a file's problems")
    lines = {int(n): text for n, text in re.findall(r"^ +(\d+) \| (.*)$", shown, re.MULTILINE)}
    text = ["input: [3, 32, 32]", "parameters: {width: 0.3}", "layers:"]
    text += [lines[n] for n in range(4, 8)]
    (tmp_path / "net.yaml").write_text("\n".join(text) + "\n")
    assert run("compare", "net.yaml", cwd=tmp_path, code=2) == shown


def test_the_comment_on_a_pull_request_is_real() -> None:
    command = re.search(r"sepconv (check .* -f markdown)\n", README)
    assert command
    quoted = re.search(r"((?:^>.*\n)+)", README[command.end() :], re.MULTILINE)
    assert quoted
    shown = [line.removeprefix(">").removeprefix(" ") for line in quoted[1].splitlines()]
    printed = run(*command[1].split(), code=1).splitlines()
    assert shown == [line.rstrip() for line in printed]


def test_ci_runs_the_readmes_own_test_command() -> None:
    commands = [line for line in README.splitlines() if line.startswith("python3 -m venv")]
    assert len(commands) == 2
    assert [command.endswith("bin/pytest") for command in commands] == [False, True]
    assert "grep -m 1 'bin/pytest' README.md" in (ROOT / ".ci" / "run").read_text()


def test_the_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    example = re.search(r"## In Python\n\n```python\n(.*?)```", README, re.DOTALL)
    assert example
    exec(example[1], {})
    assert capsys.readouterr().out.splitlines()[1].split()[:3] == [
        "depthwise_separable",
        "4231976",
        "568740352",
    ]


def test_the_pages_are_as_drawn() -> None:
    """Otherwise: python docs/draw.py."""
    assert drawn_by("draw.py") == {"conventions.md", "metrics.md", "batch.md"}


def test_the_tables_of_predicted_times_are_as_drawn() -> None:
    """Otherwise: python docs/draw_latency.py."""
    assert drawn_by("draw_latency.py") == {"latency.md", "README.md"}


def drawn_by(script: str) -> set[str]:
    """The pages that a script draws, each held to what it draws now."""
    pages = runpy.run_path(str(ROOT / "docs" / script))["pages"]()
    for page, text in pages.items():
        assert page.read_text() == text, page.name
    return {page.name for page in pages}


def test_the_sweep_in_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "sweep.md").read_text()
    example = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert example
    exec(example[1], {})
    assert len(capsys.readouterr().out.splitlines()) == 3


@pytest.mark.parametrize("command", ["reconcile", "explain", "crossover"])
def test_a_command_on_one_network_offers_one_value_for_each_set(command: str) -> None:
    shown = " ".join(help_of(command).split())
    assert "--set NAME=VALUE Set a parameter of the spec. Repeat for more parameters. " in shown


def test_help_hides_nothing() -> None:
    """Rich takes square brackets for markup, and swallows them."""
    shown = " ".join(help_of("compare").replace("│", " ").split())
    assert "(default: those of the spec, or the first 4)" in shown
    assert "(default: by the ending of --output, or terminal)" in shown
    assert "[VARIANT.]NAME=VALUE" in shown
    for file in (ROOT / "sepconv_cli" / "commands").glob("*.py"):
        assert "[default" not in file.read_text(), file.name
