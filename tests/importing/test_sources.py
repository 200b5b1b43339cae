"""Models by their addresses: what every command makes of them, and what can be wrong."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sepconv_cli import load
from tests.conftest import Result, Sepconv
from tests.importing.packages import NET, macs, parameters, unloaded, write_packages

LIST = "timm:tiny\n# no address\ntorch:mine:Net\ntorchvision:backed\ntimm:tinny\n"


@pytest.fixture(autouse=True)
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stand-ins for timm and torchvision, and a working folder with a module of the user's own."""
    write_packages(tmp_path / "site")
    here = tmp_path / "here"
    here.mkdir()
    (here / "mine.py").write_text(NET + "net = Net(4)\nsize = 3\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.chdir(here)
    with unloaded("timm", "torchvision", "mine"):
        yield here


def row(result: Result) -> dict[str, Any]:
    """The first row of a comparison in JSON."""
    assert result.code == 0, result.err
    found: dict[str, Any] = json.loads(result.out)["rows"][0]
    return found


def compare(sepconv: Sepconv, *arguments: object) -> dict[str, Any]:
    return row(sepconv("compare", *arguments, "--engine", "analytic", "-f", "json"))


@pytest.mark.parametrize(
    ("arguments", "width", "size"),
    [
        (["timm:tiny"], 8, 16),
        (["timm:tiny.a1_in1k"], 8, 16),
        (["timm:tiny", "--input", "3,8,8"], 8, 8),
        (["timm:tiny", "--call", "width=6"], 6, 16),
        (["timm:tiny", "--set", "resolution=24"], 8, 24),
        (["timm:tiny", "--device", "cpu"], 8, 16),
        (["torchvision:still", "--input", "3,16,16"], 8, 16),
        (["torchvision:still"], 8, 299),
        (["torchvision:backed"], 8, 20),
        (["torch:mine:Net", "--input", "3,16,16", "--call", "width=5"], 5, 16),
        (["torch:mine:net", "--input", "3,16,16"], 4, 16),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_compare(sepconv: Sepconv, arguments: list[str], width: int, size: int) -> None:
    found = compare(sepconv, *arguments)
    assert found["parameters"] == parameters(width)
    assert found["count"] == macs(width, size)


def test_clips_of_sixteen_frames(sepconv: Sepconv) -> None:
    assert compare(sepconv, "torchvision:moving")["count"] == 3 * 4 * 16 * 112 * 100


def test_load_reads_models() -> None:
    assert load("timm:tiny").name == "tiny"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["timm:tinny"],
            "error: timm:tinny: timm has no model of that name\n  hint: did you mean tiny?\n",
        ),
        (
            ["timm:hf-hub:someone/else"],
            "error: timm:hf-hub:someone/else: timm has no model of that name\n"
            "  hint: known: tiny, timid\n",
        ),
        (
            ["timm:tiny.b2"],
            "error: timm:tiny.b2: building it failed: RuntimeError: Invalid pretrained tag (b2) "
            "for tiny.\n  hint: SITE/timm/__init__.py:N\n",
        ),
        (
            ["timm:tiny", "--call", "pretrained=True"],
            "error: timm:tiny is built without weights: --call takes no pretrained\n",
        ),
        (
            ["torchvision:still", "--call", "weights='DEFAULT'"],
            "error: torchvision:still is built without weights: --call takes no weights\n",
        ),
        (
            ["timm:timid"],
            "error: timm:timid: nobody knows what input it reads\n"
            "  hint: give the shape of a sample: --input 3,224,224\n",
        ),
        (
            ["torch:mine:Net"],
            "error: torch:mine:Net: nobody knows what input it reads\n"
            "  hint: give the shape of a sample: --input 3,224,224\n",
        ),
        (
            ["torch:mine"],
            "error: torch:mine: expected torch:MODULE:NAME\n  hint: torch:mypackage.models:Net\n",
        ),
        (
            ["torch:yours:Net"],
            "error: torch:yours:Net: importing yours failed: ModuleNotFoundError: No module named "
            "'yours'\n  hint: modules are looked for in HERE first\n",
        ),
        (
            ["torch:mine:Nett"],
            "error: torch:mine:Nett: mine has no Nett\n  hint: did you mean Net?\n",
        ),
        (
            ["torch:mine:size"],
            "error: torch:mine:size is a int, and no torch module\n"
            "  hint: name an nn.Module, its class, or a function that gives one\n",
        ),
        (
            ["torch:os:getcwd"],
            "error: torch:os:getcwd gives a str, and no torch module\n"
            "  hint: name an nn.Module, its class, or a function that gives one\n",
        ),
        (
            ["torch:mine:net", "--call", "width=2"],
            "error: torch:mine:net is a module already, which --call can't build\n",
        ),
        (
            ["model.onnx", "--call", "width=2"],
            "error: model.onnx is a file, which --call can't build\n",
        ),
        (
            ["net.yaml", "--input", "3,8,8"],
            "error: --input is for models, and net.yaml is none\n"
            "  hint: a model is timm:NAME, torchvision:NAME, torch:MODULE:NAME, FILE.onnx, "
            "FILE.pt2\n",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong(
    sepconv: Sepconv, tmp_path: Path, arguments: list[str], expected: str
) -> None:
    found = sepconv("compare", *arguments)
    assert (found.code, found.out) == (2, "")
    told = re.sub(r"py:\d+", "py:N", found.err.replace(str(tmp_path / "site"), "SITE"))
    told = told.replace(str(tmp_path / "here"), "HERE")
    assert told == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("raise ValueError('no luck')", "importing wrong failed: ValueError: no luck"),
        ("raise SystemExit(0)", "importing wrong failed: SystemExit: 0"),
        ("def Net(:", "importing wrong failed: SyntaxError: invalid syntax (wrong.py, line 1)"),
        ("def Net(): raise KeyError", "building it failed: KeyError"),
        ("def Net(width): pass", "building it failed: TypeError: Net() missing 1 required"),
    ],
)
def test_code_that_fails(sepconv: Sepconv, packages: Path, text: str, message: str) -> None:
    (packages / "wrong.py").write_text(text)
    with unloaded("wrong"):
        found = sepconv("compare", "torch:wrong:Net", "--input", "3,8,8")
    assert found.code == 2
    assert found.err.startswith(f"error: torch:wrong:Net: {message}")
    assert "Traceback" not in found.err


def test_an_input_that_it_cannot_take(sepconv: Sepconv) -> None:
    found = sepconv("compare", "torch:mine:Net", "--input", "5,8,8")
    assert found.code == 2
    assert found.err.startswith("error: torch:mine:Net: ")
    assert "5" in found.err


def test_a_missing_package_says_how(sepconv: Sepconv, monkeypatch: pytest.MonkeyPatch) -> None:
    from sepconv_cli.importing.sources import _packages

    monkeypatch.setattr(_packages, "find_spec", lambda name: None if name == "timm" else True)
    found = sepconv("compare", "timm:tiny", "--no-cache")
    assert found.code == 2
    assert found.err == (
        "error: timm:tiny needs the package timm, which isn't installed\n"
        "  hint: python -m pip install timm\n"
    )


def test_a_broken_package(sepconv: Sepconv, tmp_path: Path) -> None:
    (tmp_path / "site" / "timm" / "__init__.py").write_text("raise RuntimeError('no operator')")
    found = sepconv("compare", "timm:tiny")
    assert found.code == 2
    assert found.err.startswith(
        "error: timm:tiny: importing timm failed: RuntimeError: no operator\n"
    )


def test_what_a_model_prints_is_no_result(sepconv: Sepconv, packages: Path) -> None:
    (packages / "loud.py").write_text(
        NET + "print('loud')\ndef Loud():\n    print('l')\n    return Net()"
    )
    with unloaded("loud"):
        found = sepconv("compare", "torch:loud:Loud", "--input", "3,8,8", "-f", "json", "-q")
    assert json.loads(found.out)
    assert "loud" in found.err


def test_the_other_commands_read_models(sepconv: Sepconv) -> None:
    own = ("torch:mine:Net", "--input", "3,16,16")
    for command in ("explain", "reconcile", "crossover", "compare"):
        found = sepconv(command, *own, "--call", "width=4", "-f", "json")
        assert found.code == 0, (command, found.err)
    found = sepconv("diff", "timm:tiny", "torchvision:backed", "-f", "json", "-q")
    assert found.code == 0, found.err
    assert str(macs(8, 16)) in found.out
    assert str(macs(8, 20)) in found.out


def test_sweep_varies_the_size_of_the_input(sepconv: Sepconv) -> None:
    found = sepconv(
        "sweep",
        "timm:tiny",
        "--set",
        "resolution=8:24:8",
        "--variant",
        "standard",
        "--top",
        "3",
        "-f",
        "json",
    )
    assert found.code == 0, found.err
    for size in (8, 16, 24):
        assert str(macs(8, size)) in found.out


FIXED = (
    NET
    + """
class Flat(Net):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(8 * 64, 10)

    def forward(self, x):
        return self.head(self.conv(x).flatten(1))

class Padded(Net):
    def forward(self, x):
        more = x.shape[-1] % 8
        return super().forward(nn.functional.pad(x, (0, more, 0, more)))
"""
)


@pytest.mark.parametrize(("name", "code"), [("Flat", 2), ("Padded", 2)])
def test_a_network_that_is_another_one_at_other_sizes(
    sepconv: Sepconv, packages: Path, name: str, code: int
) -> None:
    """One can't run there at all, one pads by the size: neither is swept."""
    (packages / "fixed.py").write_text(FIXED)
    with unloaded("fixed"):
        own = (f"torch:fixed:{name}", "--input", "3,8,8", "--set")
        found = sepconv("sweep", *own, "resolution=8,12")
        alike = sepconv("sweep", *own, "resolution=8,16")
    assert found.code == code
    assert found.err.startswith(f"error: torch:fixed:{name}")
    assert alike.code == (2 if name == "Flat" else 0), alike.err


def test_a_size_that_is_not_square_is_not_swept(sepconv: Sepconv) -> None:
    found = sepconv("sweep", "timm:tiny", "--input", "3,8,9", "--set", "resolution=8,16")
    assert found.code == 2
    assert "no square input" in found.err


def test_not_every_size_is_run(sepconv: Sepconv) -> None:
    found = sepconv("sweep", "timm:tiny", "--set", "resolution=8:100:1")
    assert found.code == 2
    assert "93 values of resolution" in found.err


def test_budgets_hold_for_models(sepconv: Sepconv, packages: Path) -> None:
    rule = "  - {{id: {}, metric: parameters, max: {}, match: '{}'}}\n"
    (packages / "sepconv.yaml").write_text(
        "budgets:\n" + rule.format("a", parameters(), "timm:t*") + rule.format("b", 1, "timm:x*")
    )
    assert sepconv("check", "timm:tiny").code == 0
    found = sepconv("check", "timm:tiny", "--call", "width=9")
    assert found.code == 1
    assert "b" not in [line.split()[0] for line in found.out.splitlines() if line.strip()]


def test_a_batch_reads_models_but_runs_no_code_of_a_list(sepconv: Sepconv, packages: Path) -> None:
    (packages / "list").write_text(LIST)
    (packages / "mine.py").write_text("raise AssertionError('it ran')")
    table = packages / "costs.jsonl"
    found = sepconv("batch", "--files-from", "list", "-o", table, "--variant", "standard", "-q")
    assert found.code == 2
    rows = [json.loads(line) for line in table.read_text().splitlines()]
    told = {each["source"]: (each["count"], each["message"]) for each in rows}
    assert told["timm:tiny"] == (macs(), None)
    assert told["torchvision:backed"] == (macs(8, 20), None)
    assert "only a command line may name it" in told["torch:mine:Net"][1]
    assert "did you mean tiny" in told["timm:tinny"][1]
    assert "# no address" in told


def test_a_file_that_is_called_like_code_is_a_file(sepconv: Sepconv, packages: Path) -> None:
    """A glob may find any name; what is there is read, and what is found never run."""
    (packages / "mine.py").write_text("raise AssertionError('it ran')")
    spec = packages / "torch:mine:net.yaml"
    spec.write_text("input: [3, 8, 8]\nlayers: [relu]\nbudgets: [{id: a, metric: macs, max: 1}]\n")
    found = sepconv("check", "*.yaml")
    assert "it ran" not in found.err
    assert found.code == 0, found.err
    assert compare(sepconv, "torch:mine:net.yaml")["parameters"] == 0


def test_a_spec_includes_no_model(sepconv: Sepconv, packages: Path) -> None:
    (packages / "mine.py").write_text("raise AssertionError('it ran')")
    (packages / "a.yaml").write_text(
        "input: [3, 8, 8]\ninclude: ['torch:mine:Net']\nlayers: [relu]"
    )
    found = sepconv("compare", "a.yaml")
    assert found.code == 2
    assert "no file torch:mine:Net to include" in found.err


def test_import_writes_a_spec(sepconv: Sepconv, packages: Path) -> None:
    found = sepconv("import", "timm:tiny", "-o", "tiny.yaml")
    assert (found.code, found.out) == (0, "")
    assert found.err.startswith("timm:tiny: ")
    assert len(found.err.splitlines()) == 1
    text = (packages / "tiny.yaml").read_text()
    assert text.startswith("# imported from timm:tiny")
    assert "timm 9.9" in text.splitlines()[0]
    assert {**compare(sepconv, "tiny.yaml"), "file": ""} == {
        **compare(sepconv, "timm:tiny"),
        "file": "",
    }
    assert sepconv("import", "timm:tiny", "-q") == Result(0, text, "")
    names = {path.name for path in packages.iterdir()}
    assert names - {"__pycache__"} == {"mine.py", "tiny.yaml"}


def test_import_makes_the_size_a_parameter(sepconv: Sepconv) -> None:
    assert sepconv("import", "timm:tiny", "--set", "resolution=24", "-o", "a.yaml").code == 0
    assert compare(sepconv, "a.yaml")["count"] == macs()
    assert compare(sepconv, "a.yaml", "--set", "resolution=24")["count"] == macs(8, 24)


def test_import_of_what_is_no_model(sepconv: Sepconv) -> None:
    found = sepconv("import", "net.yaml")
    assert found.code == 2
    assert found.err.startswith("error: net.yaml is no model\n")


def test_import_says_what_is_opaque(sepconv: Sepconv, packages: Path) -> None:
    """Sorting is no layer of any kind that has a cost here."""
    (packages / "odd.py").write_text(
        NET + "class Odd(Net):\n    def forward(self, x):\n"
        "        return super().forward(torch.sort(x, dim=2)[0])\n"
    )
    own = ("import", "torch:odd:Odd", "--input", "3,8,8", "-o", "odd.yaml")
    with unloaded("odd"):
        plain, strict = sepconv(*own), sepconv(*own, "--strict")
    assert (plain.code, strict.code) == (0, 1)
    assert "sort" in plain.err
    assert strict.err.startswith(plain.err)


def test_a_file_is_written_whole_or_not_at_all(
    sepconv: Sepconv, packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (packages / "a.yaml").write_text("kept")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    found = sepconv("import", "timm:tiny", "-o", "a.yaml")
    assert found.code == 2
    assert "a.yaml: can't be written: No space left on device" in found.err
    assert (packages / "a.yaml").read_text() == "kept"
    assert not [*packages.glob(".*")]


SEVERAL = """
import torch
from torch import nn

class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.image, self.words = nn.Conv2d(3, 4, 3), nn.Embedding(9, 4)

    def forward(self, image, words):
        return self.image(image).mean((2, 3)) + self.words(words).mean(1)

class Windows(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(7, 2))
        self.register_buffer("at", (torch.arange(4)[:, None] - torch.arange(4) + 3).flatten())

    def forward(self, x):
        return x + self.table[self.at].reshape(4, 4, 2).permute(2, 0, 1)
"""


def test_several_inputs_by_their_names(sepconv: Sepconv, packages: Path) -> None:
    """The convolution has 3 * 4 * 9 + 4 parameters, the table 9 * 4."""
    (packages / "several.py").write_text(SEVERAL)
    image, words = ("--input", "image=3,6,6"), ("--input", "words=7:int")
    with unloaded("several"):
        for shapes in ((*image, *words), (*words, *image), ("--input", "3,6,6", *words)):
            found = compare(sepconv, "torch:several:Two", *shapes)
            assert found["parameters"] == 112 + 36, shapes


@pytest.mark.parametrize(
    ("shapes", "hint"),
    [
        ((), "--input image=3,224,224 --input words=3,224,224"),
        (("--input", "3,6,6"), "its inputs are image, words: --input NAME=SHAPE for each"),
        (
            ("--input", "3,6,6", "--input", "7"),
            "it reads whole numbers: --input 7:int, in Python a tensor of them",
        ),
    ],
)
def test_an_input_that_is_wanting_is_named(
    sepconv: Sepconv, packages: Path, shapes: tuple[str, ...], hint: str
) -> None:
    (packages / "several.py").write_text(SEVERAL)
    with unloaded("several"):
        found = sepconv("compare", "torch:several:Two", *shapes)
    assert found.code == 2
    assert found.err.splitlines()[-1].endswith(hint)


def test_the_input_that_a_model_is_known_for_is_a_hint(sepconv: Sepconv) -> None:
    found = sepconv("compare", "timm:tiny", "--input", "5,8,8")
    assert found.code == 2
    assert found.err.splitlines()[-1] == "  hint: its usual input: --input 3,16,16"


def test_a_model_that_raises_says_where(sepconv: Sepconv, packages: Path) -> None:
    (packages / "raising.py").write_text(
        NET + "class Raising(Net):\n    def forward(self, x):\n        raise KeyError('no')\n"
    )
    line = (packages / "raising.py").read_text().count("\n")
    with unloaded("raising"):
        found = sepconv("compare", "torch:raising:Raising", "--input", "3,8,8")
    assert found.code == 2
    assert found.err.splitlines()[-1] == f"  hint: {packages / 'raising.py'}:{line}"


def test_outputs_of_a_module_that_works_out_its_buffers(sepconv: Sepconv, packages: Path) -> None:
    """Index tables of windowed attention have no values where they are built without memory."""
    (packages / "several.py").write_text(SEVERAL)
    own = ("torch:several:Windows", "--input", "2,4,4", "--verify", "--strict")
    with unloaded("several"):
        found = sepconv("import", *own, "-o", "a.yaml")
    assert found.code == 0, found.err
    assert "outputs equal exactly" in found.err


def test_files_are_not_run(sepconv: Sepconv) -> None:
    found = sepconv("import", "net.onnx", "--verify")
    assert found.code == 2
    assert found.err.startswith("error: net.onnx is a file, read without its weights")


def test_a_budget_sets_the_size_of_a_models_input(sepconv: Sepconv, packages: Path) -> None:
    rule = "{{id: {}, metric: macs, set: {{resolution: [8, 24]}}, max: {}, match: '{}'}}"
    rules = [rule.format("a", macs(8, 24), "timm:t*"), rule.format("b", 1, "timm:x*")]
    (packages / "sepconv.yaml").write_text("".join(["budgets:\n", *(f"  - {r}\n" for r in rules)]))
    found = sepconv("check", "timm:tiny", "-f", "json")
    assert found.code == 0, found.err
    assert [str(macs(8, size)) in found.out for size in (8, 24, 16)] == [True, True, False]
