"""A sweep of MobileNetV1, one variant: points a second, by itself `python -m benchmarks.sweep`.

Two grids: one width after the other, and widths with resolutions, where a block of points
shares what depends on only one of them. Numpy runs these on one core.
"""

import logging
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.measure import paired, timed
from sepconv_cli import load
from sepconv_cli.conventions import convention
from sepconv_cli.lowering.choose import variant_options
from sepconv_cli.sweep.ask import SweepRequest, sweep
from sepconv_cli.sweep.evaluate import Sweep
from sepconv_cli.sweep.grid import read_grid
from sepconv_cli.sweep.metrics import Metrics
from sepconv_cli.sweep.question import Question

SPEC = Path(__file__).parents[1] / "configs" / "architectures" / "mobilenet_v1.yaml"
VARIANT = "depthwise_separable"
GRIDS = {
    "1,250,001 widths": ("width=0.25:1.5:0.000001",),
    "12,501 widths x 193 resolutions": ("width=0.25:1.5:0.0001", "resolution=96:288:1"),
}
KEPT = 2e6
WRITTEN = 1e6
RUNS = 5

Measured = tuple[str, str, tuple[float, float, float], str, str]


def kept(settings: tuple[str, ...]) -> int:
    """Every number of every point in memory: parameters, MACs, activations."""
    spec, grid = load(SPEC), read_grid(settings)
    metrics = Metrics(convention("macs"), 4)
    chosen = variant_options(spec, [VARIANT], {})
    question = Question(spec, chosen, (), metrics, ("parameters", "macs", "activations"))
    found = [answers for block in Sweep(question, grid).blocks() for answers in block]
    assert sum(answers.block.size for answers in found) == grid.size
    return grid.size


def written(settings: tuple[str, ...], path: Path) -> int:
    """Every point in a Parquet file, with the summary and the check of a sample."""
    request = SweepRequest(settings=settings, variants=(VARIANT,), output=path)
    return sweep(load(SPEC), request).outcome.sweep.grid.size


def each(run: Callable[[], int]) -> float:
    """Seconds for one point."""
    sizes: list[int] = []
    seconds = timed(lambda: sizes.append(run()))
    return seconds / sizes[0]


def fvcore() -> Callable[[], float]:
    """Seconds for one warm analysis of one network."""
    import torch
    from fvcore.nn import FlopCountAnalysis

    from benchmarks.other_tools import mobilenet_v1

    logging.disable(logging.WARNING)
    model, x = mobilenet_v1(), torch.zeros(1, 3, 224, 224)
    return lambda: timed(FlopCountAnalysis(model, x).total)


def measured() -> Iterator[Measured]:
    """Rows of the table of benchmarks: what, against what, the medians, the bound, the unit."""
    analysis = fvcore()
    with tempfile.TemporaryDirectory() as folder:
        for name, settings in GRIDS.items():
            run = _bind(settings, None)
            fast = paired(run, lambda: 1 / KEPT, RUNS)
            yield f"a point of {name}, kept", "2 million a second", fast, "1", "s"
            slow = paired(_bind(settings, Path(folder) / "a.parquet"), lambda: 1 / WRITTEN, RUNS)
            yield f"a point of {name}, to Parquet", "1 million a second", slow, "1", "s"
            other = paired(run, analysis, RUNS)
            yield f"a point of {name}, kept", "a warm fvcore analysis", other, "1/50,000", "s"


def _bind(settings: tuple[str, ...], path: Path | None) -> Callable[[], float]:
    if path is None:
        return lambda: each(lambda: kept(settings))
    return lambda: each(lambda: written(settings, path))


if __name__ == "__main__":
    for what, against, (first, second, ratio), bound, unit in measured():
        print(
            f"{what:60} {first:.3g} {unit} ({1 / first:,.0f} a second); {against}: "
            f"{second:.3g} {unit}; ratio {ratio:.3g}, at most {bound}"
        )
