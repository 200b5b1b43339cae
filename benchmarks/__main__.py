"""Every figure that the README quotes, in one run: `python -m benchmarks`.

Needs the extra `bench`. On an idle machine with two cores it takes about ten minutes; with
`--full`, which measures batches at their full size, more than an hour.

Others run alone, as `python -m benchmarks NAME`: `importing` goes over the networks of timm and
torchvision, `onnx` writes torchvision's networks as ONNX files and reads them, `sources` times the
import of a model by its name, `latency` holds predicted latency to timm's tables, `variants`
measures variants here, beside what a device's profile predicts.
"""

import logging
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import batch, importing, onnx_files, sources, sweep, variants
from benchmarks.latency import figures
from benchmarks.measure import paired, process, timed
from sepconv_cli import compare, loads
from sepconv_cli.language.model import Spec
from sepconv_cli.metrics import in_tables

ROOT = Path(__file__).parents[1]
CONFIGS = ROOT / "configs"
SPEC = CONFIGS / "architectures" / "mobilenet_v1.yaml"
TOOLS = ("fvcore", "ptflops", "thop", "torchinfo", "torch FlopCounterMode")
IMPORTS = ("-c", "import typer, yaml, rich.console, rich.table")
TORCH = ("-c", "import torch, fvcore.nn")
PROCESS_RUNS = 11
SLOW_RUNS = 5

table = Table("measured", "against", "A", "B", "A / B", "at most", title="medians of paired runs")


def row(what: str, other: str, result: tuple[float, float, float], bound: str, unit: str) -> None:
    first, second, ratio = result
    table.add_row(what, other, f"{first:.4g} {unit}", f"{second:.4g} {unit}", f"{ratio:.3g}", bound)


def sepconv(*arguments: str) -> tuple[str, ...]:
    return ("-m", "sepconv_cli", "compare", str(SPEC), *arguments)


def costs(spec: Spec, **options: Any) -> None:
    """Count a spec by formula, and work out all that a table of it shows."""
    for row in compare(spec, engine="analytic", **options).rows:
        for metric in in_tables(wide=True):
            row[metric.name], row.ratio(metric.name)


def start_up(cache: dict[str, str]) -> None:
    analytic = sepconv("--engine", "analytic")
    result = paired(
        lambda: process(analytic).seconds, lambda: process(IMPORTS).seconds, PROCESS_RUNS
    )
    row(
        "compare --engine analytic, four variants",
        "importing typer, yaml, rich",
        result,
        "1.2",
        "s",
    )
    both = sepconv("--engine", "both")
    result = paired(
        lambda: process(both, cache).seconds, lambda: process(IMPORTS).seconds, PROCESS_RUNS
    )
    row("the same, --engine both, traces cached", "importing typer, yaml, rich", result, "1.2", "s")


def other_tools() -> None:
    for tool in TOOLS:
        arguments = (str(ROOT / "benchmarks" / "other_tools.py"), tool)
        result = paired(
            lambda: process(sepconv("--engine", "analytic")).seconds,
            lambda arguments=arguments: process(arguments).seconds,  # type: ignore[misc]
            SLOW_RUNS,
        )
        row("compare --engine analytic, four variants", f"{tool}, one network", result, "1/8", "s")


def in_process() -> None:
    import torch
    from fvcore.nn import FlopCountAnalysis

    from benchmarks.other_tools import mobilenet_v1

    logging.disable(logging.WARNING)
    text, model, x = SPEC.read_text(), mobilenet_v1(), torch.zeros(1, 3, 224, 224)

    def ours() -> None:
        for _ in range(10):
            costs(loads(text))

    result = paired(
        lambda: timed(ours) / 10, lambda: timed(FlopCountAnalysis(model, x).total), 20 * SLOW_RUNS
    )
    row(
        "text to costs, four variants, in process",
        "a warm fvcore analysis, one",
        result,
        "1/15",
        "s",
    )


def whole_networks() -> None:
    import torch
    from fvcore.nn import FlopCountAnalysis

    from sepconv_cli.lowering.choose import cases
    from sepconv_cli.lowering.settings import grid
    from sepconv_cli.trace.build import build_module

    for name, settings in (
        ("bsconv/wide_resnet", ["depth=40", "width=10"]),
        ("architectures/densenet", []),
    ):
        text, points = (CONFIGS / f"{name}.yaml").read_text(), grid(settings)
        (case,) = cases(loads(text), points, ["standard"])
        model, x = build_module(case.network), torch.zeros(1, 3, *case.network.input.size)
        result = paired(
            lambda text=text, points=points: timed(  # type: ignore[misc]
                lambda: costs(loads(text), grid=points, variants=["standard"])
            ),
            lambda model=model, x=x: timed(  # type: ignore[misc]
                FlopCountAnalysis(model, x).unsupported_ops_warnings(False).total
            ),
            SLOW_RUNS,
        )
        what = f"text to costs of {case.spec.name}, one variant"
        row(what, "a warm fvcore analysis of it", result, "1/10", "s")


def growth() -> None:
    text = (CONFIGS / "bsconv" / "resnet.yaml").read_text()
    spec = loads(text)

    def count(depth: int) -> float:
        return timed(lambda: costs(spec, grid=[{"depth": depth}], variants=["standard"]))

    result = paired(lambda: count(602), lambda: count(302), 4 * SLOW_RUNS)
    row("a ResNet of 602 layers", "one of 302", result, "2 (linear)", "s")


def tracing() -> None:
    both = sepconv("--engine", "both", "--no-cache")
    result = paired(lambda: process(both).seconds, lambda: process(TORCH).seconds, PROCESS_RUNS)
    row("compare --engine both, not cached", "importing torch, fvcore.nn", result, "1.25", "s")
    large = (*both, "--set", "resolution=2048")
    result = paired(lambda: process(large).mebibytes, lambda: process(both).mebibytes, SLOW_RUNS)
    row("its peak memory at 2048x2048", "at 224x224", result, "1.15", "MiB")


BUDGETS = "budgets: [{id: phone, metric: macs, variant: depthwise_separable, max: 600M}]\n"
SMALL = """
name: Net
input: [3, 96, 96]
blocks:
  unit:
    parameters: {channels: required}
    layers:
      - conv: {out_channels: channels, kernel_size: 3, stride: 2, padding: 1, bias: false}
      - batch_norm
      - relu6
layers:
  - unit: {channels: 16}
  - unit: {channels: 32}
  - unit: {channels: 64}
  - global_avg_pool
  - flatten
  - linear: {out_features: 10}
"""


def checks(folder: Path) -> None:
    """A hundred specs beside one of them: of a microcontroller's size, and of MobileNetV1's."""
    for what, text in (("12 layers", SMALL), ("MobileNetV1's size", SPEC.read_text())):
        everything, one = folder / f"{what}, all", folder / f"{what}, one"
        everything.mkdir()
        one.mkdir()
        for number in range(100):
            spec = text.replace("name: ", f"name: {number} ", 1) + BUDGETS
            (everything / f"{number}.yaml").write_text(spec)
        (one / "0.yaml").write_text(spec)

        def check(specs: Path) -> float:
            return process(("-m", "sepconv_cli", "check", str(specs))).seconds

        result = paired(lambda: check(everything), lambda: check(one), PROCESS_RUNS)  # noqa: B023
        row(f"check of 100 specs of {what}", "check of one", result, "2.3", "s")


def sweeping() -> None:
    for what, other, result, bound, unit in sweep.measured():
        row(what, other, result, bound, unit)


def main() -> None:
    # First, while this process is small: a child's peak memory starts from its parent's.
    for measured in batch.measured(batch.FULL if "--full" in sys.argv else batch.QUICK):
        row(*measured)
    with tempfile.TemporaryDirectory() as folder:
        start_up({"XDG_CACHE_HOME": folder})
        checks(Path(folder))
        tracing()
        in_process()
        whole_networks()
        growth()
        sweeping()
        other_tools()
    Console(width=140).print(table)


ALONE: dict[str, Callable[[list[str]], None]] = {
    "importing": importing.main,
    "onnx": lambda names: onnx_files.main(tuple(names) or onnx_files.NETWORKS),
    "sources": lambda _: sources.main(),
    "latency": lambda _: figures.main(),
    "variants": variants.main,
}

if __name__ == "__main__":
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name in ALONE:
        ALONE[name](sys.argv[2:])
    else:
        main()
