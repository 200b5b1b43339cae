"""Networks to be measured, and what was found."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec

from sepconv_cli.errors import SpecError, UsageError
from sepconv_cli.lowering.choose import Case
from sepconv_cli.measure.cores import kept_on_cores
from sepconv_cli.measure.setup import MeasureSetup, Prepared
from sepconv_cli.measure.turns import Advance, Timing, TurnPlan, take_turns
from sepconv_cli.network import Network
from sepconv_cli.registry import get

Prepare = Callable[[Network, MeasureSetup], Prepared]


class RuntimeRefusal(UsageError):
    """A network that a runtime can't run."""


class Measurement(msgspec.Struct, frozen=True):
    """What one network took; None where somebody broke off before it ran."""

    case: Case
    timing: Timing | None


class MeasuredTimes(msgspec.Struct, frozen=True):
    """What was measured of all networks, by which software, and whether it's all of it.

    `on_cores` says whether the threads were kept on cores of their own.
    """

    measurements: tuple[Measurement, ...]
    setup: MeasureSetup
    software: str
    on_cores: bool
    interrupted: bool


def measure_cases(
    cases: Sequence[Case],
    runtime: str,
    setup: MeasureSetup,
    plan: TurnPlan,
    advance: Advance = lambda share: None,
) -> MeasuredTimes:
    """Measure networks in turns. Raises UsageError where the runtime is absent or refuses one."""
    prepare = runtime_entry(runtime)
    for case in cases:
        _refuse_opaque(case)
    with kept_on_cores(setup.threads) as on_cores:
        ready = [prepared_case(case, runtime, prepare, setup) for case in cases]
        timed = take_turns([each.run for each in ready], plan, advance)
    pairs = zip(cases, timed.timings, strict=True)
    return MeasuredTimes(
        tuple(Measurement(case, timing) for case, timing in pairs),
        setup,
        ready[0].software,
        on_cores,
        timed.interrupted,
    )


def runtime_entry(name: str) -> Prepare:
    """What makes networks ready in a runtime. Raises UsageError where there is none so called."""
    found: Prepare = get("measure/runtimes", name).prepare
    return found


def _refuse_opaque(case: Case) -> None:
    opaque = [node.name for node in case.network.nodes if node.op.is_opaque]
    if opaque:
        raise UsageError(
            f"{case.spec.name} can't be run: nobody knows what {', '.join(opaque[:5])} "
            f"{'does' if len(opaque) == 1 else 'do'}",
            "write opaque layers in ops that are known",
        )


def prepared_case(case: Case, runtime: str, prepare: Prepare, setup: MeasureSetup) -> Prepared:
    """A network that has run once, so that what a runtime refuses comes up here."""
    with _refusals(runtime, f"{case.spec.name} as {case.variant.name}"):
        found = prepare(case.network, setup)
        found.run(0)
        return found


@contextmanager
def _refusals(runtime: str, network: str) -> Iterator[None]:
    """Every runtime has errors of its own, which say one thing: it can't run this network."""
    try:
        yield
    except SpecError:
        raise
    except Exception as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        said = lines[0] if lines else type(error).__name__
        raise RuntimeRefusal(f"{runtime} can't run {network}: {said}") from error
