"""Models by their addresses, against what they can't do without: `python -m benchmarks sources`.

Needs timm, in a torch that its torchvision loads beside.
"""

import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.measure import paired, process

RUNS = 9
NAME = "resnet50"
ADDRESS = f"timm:{NAME}"
BUILT = f"""
import timm, torch
with torch.device("meta"):
    model, image = timm.create_model({NAME!r}).eval(), torch.zeros(1, 3, 224, 224)
with torch.no_grad():
    model(image)
"""
Timed = tuple[str, str, tuple[float, float, float], str]
"""What was measured, against what, the medians of both and of their ratio, and its bound."""


def first_import() -> Timed:
    """The import of a model against building it and one forward pass, whole processes."""
    command = ("-m", "sepconv_cli", "import", ADDRESS, "--no-cache")
    found = paired(lambda: process(command).seconds, lambda: process(("-c", BUILT)).seconds, RUNS)
    return f"import {ADDRESS}", "building it with timm, one forward pass", found, "1.3"


def second_look() -> Timed:
    """A model that is kept against the spec that was made of it."""
    with tempfile.TemporaryDirectory() as folder:
        cache = {"XDG_CACHE_HOME": folder}
        spec = str(Path(folder) / "model.yaml")
        process(("-m", "sepconv_cli", "import", ADDRESS, "-o", spec), cache)
        compare = ("-m", "sepconv_cli", "compare")
        found = paired(
            lambda: process((*compare, ADDRESS), cache).seconds,
            lambda: process((*compare, spec), cache).seconds,
            2 * RUNS,
        )
    return f"compare {ADDRESS}, again", "compare its spec", found, "1.05"


def main() -> None:
    table = Table("measured", "against", "A", "B", "A / B", "at most", title="medians of pairs")
    for what, other, (first, second, ratio), bound in (first_import(), second_look()):
        table.add_row(what, other, f"{first:.3g} s", f"{second:.3g} s", f"{ratio:.3g}", bound)
    Console(width=120).print(table)
