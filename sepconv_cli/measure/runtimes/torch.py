"""torch, eager or compiled by inductor, on a processor, CUDA or Apple's GPU."""

from collections.abc import Callable
from itertools import pairwise
from math import ceil
from typing import Any

from sepconv_cli.errors import UsageError
from sepconv_cli.measure.setup import MeasureSetup, Prepared, Runner, needs
from sepconv_cli.network import Network


def prepare(network: Network, setup: MeasureSetup) -> Prepared:
    """The module with random weights, which has run once and so is compiled where it has to be.

    Raises UsageError where there is no such device.
    """
    try:
        import torch
    except ImportError:
        raise needs("torch", "trace") from None
    from sepconv_cli.export.weights import random_weights
    from sepconv_cli.trace.build import build_module

    _refuse_absent(torch, setup.device)
    torch.set_num_threads(setup.threads)
    built = build_module(network)
    for name, tensor in (*built.named_parameters(), *built.named_buffers()):
        if tensor.is_floating_point():
            tensor.copy_(torch.from_numpy(random_weights(name, tuple(tensor.shape))))
    module: Any = built.to(setup.device)
    if setup.compiled:
        module = torch.compile(module, dynamic=False)
    shape = (setup.batch, *network.input.axes)
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(setup.device)

    def call() -> None:
        with torch.inference_mode():
            module(x)

    call()
    software = f"torch {torch.__version__}{' compiled' if setup.compiled else ' eager'}"
    if setup.device == "cuda":
        card = torch.cuda.get_device_name()
        return Prepared(_by_events(torch, call), f"{software} on {card}, its L2 cache as it is")
    if setup.device == "mps":

        def finished() -> None:
            call()
            torch.mps.synchronize()

        return Prepared(_by_blocks(setup, finished), software)
    return Prepared(_by_blocks(setup, call), software)


def _refuse_absent(torch: Any, device: str) -> None:
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if not there[device]:
        raise UsageError(f"torch finds no device {device} here")


def _by_blocks(setup: MeasureSetup, call: Callable[[], object]) -> Runner:
    """Means of blocks of runs, so many that the clock's own time doesn't matter."""
    from torch.utils.benchmark import Timer

    timer = Timer("call()", globals={"call": call}, num_threads=setup.threads)
    return lambda seconds: list(timer.blocked_autorange(min_run_time=seconds).times)


def _by_events(torch: Any, call: Callable[[], object]) -> Runner:
    """Events around every run: the time on the card, without waiting in between."""

    def times(count: int) -> list[float]:
        marks = [torch.cuda.Event(enable_timing=True) for _ in range(count + 1)]
        marks[0].record()
        for mark in marks[1:]:
            call()
            mark.record()
        torch.cuda.synchronize()
        pairs = pairwise(marks)
        return [before.elapsed_time(after) / 1e3 for before, after in pairs]

    def run(seconds: float) -> list[float]:
        first = times(3)
        more = ceil(seconds / max(min(first), 1e-6)) - len(first)
        # Those that only tell how many are enough came out of a cold start.
        return times(more) if more > 0 else first

    return run
