"""What a row of measurements is of: a spec's path, `zoo:NAME`, a probe, or a model to import."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from sepconv_cli.calibration.table import MeasuredRow
from sepconv_cli.errors import SpecError, UsageError
from sepconv_cli.importing.address import RESOLUTION, USUAL, ModelOptions, model_source
from sepconv_cli.language.model import Spec
from sepconv_cli.latency.draw import place_of
from sepconv_cli.latency.fit import TimedNetwork
from sepconv_cli.latency.work import workloads
from sepconv_cli.library.load import load
from sepconv_cli.library.zoo import ZOO_PREFIX
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.settings import Settings, grid
from sepconv_cli.measure.probes import Probe, probes
from sepconv_cli.network import Network

_SPECS = (".yaml", ".yml")
_STANDARD = "standard"


class TimedTable(msgspec.Struct, frozen=True):
    """The networks of a table in the order of their places, and why others are left out."""

    networks: tuple[TimedNetwork, ...]
    left_out: dict[str, str]


def timed_table(
    rows: Sequence[MeasuredRow],
    known: Mapping[str, Probe],
    advance: Callable[[float], object] = lambda share: None,
) -> TimedTable:
    """The networks of the rows; of rows that are of the same, the first.

    `known` are networks by the name that a table has for them. Raises UsageError without any.
    """
    found: dict[tuple[str, int], TimedNetwork] = {}
    left_out: dict[str, str] = {}
    for number, row in enumerate(rows):
        advance(number / len(rows))
        try:
            network = _timed(row, known)
            found.setdefault((network.name, network.samples), network)
        except SpecError as error:
            left_out[f"{row.model}@{row.input_size}"] = error.problems[0].message
    if not found:
        name, why = next(iter(left_out.items()))
        raise UsageError(f"no row of the table is of a network that can be read: {name}: {why}")
    return TimedTable(tuple(sorted(found.values(), key=_order)), left_out)


def _order(network: TimedNetwork) -> tuple[float, str, int]:
    return place_in_split(network), network.name, network.samples


def place_in_split(network: TimedNetwork) -> float:
    """Where a network stands between 0 and 1, whatever its input size."""
    # What follows a full stop is no part of a name whose place is asked, but of a path it is.
    return place_of(network.name.rpartition("@")[0].replace(".", "_"))


def known_probes() -> dict[str, Probe]:
    """All that a calibration measures, by the names that its table has for them."""
    return {each.model: each for each in probes()}


def _timed(row: MeasuredRow, known: Mapping[str, Probe]) -> TimedNetwork:
    name = _plain(row.model)
    probe = known.get(row.model)
    found = workloads(probe.case().network if probe else _network(name, row.input_size))
    opaque = next((work for work in found if isinstance(work, str)), None)
    if opaque is not None:
        raise UsageError(opaque)
    counted = Counter(work for works in found if not isinstance(works, str) for work in works)
    works = tuple(counted.items())
    return TimedNetwork(f"{name}@{row.input_size}", works, row.batch_size, row.seconds)


def _plain(model: str) -> str:
    """Without the suffix of its weights, where it is a model of timm."""
    return model.partition(".")[0] if _is_timm(model) else model


def _is_timm(model: str) -> bool:
    if model.startswith("timm:"):
        return True
    is_spec = model.startswith((ZOO_PREFIX, "stack:")) or model.endswith(_SPECS)
    return not is_spec and model_source(model) is None and not Path(model).is_file()


def _network(model: str, size: int) -> Network:
    if model.startswith(ZOO_PREFIX):
        return _of_zoo(model, size)
    if _is_timm(model):
        return _of_model(model if model.startswith("timm:") else f"timm:{model}", size)
    if model_source(model) is not None:
        return _of_model(model, size)
    return _at(load(model), {}, _STANDARD, size)


def _of_zoo(model: str, size: int) -> Network:
    """`zoo:NAME`, behind which settings and a variant may stand."""
    name, *words = model.split()
    settings = [word for word in words if "=" in word]
    variants = [word for word in words if "=" not in word] or [_STANDARD]
    if len(variants) > 1:
        raise UsageError(f"{model}: more than one variant")
    return _at(load(name), grid(settings)[0], variants[0], size)


def _at(spec: Spec, settings: Settings, variant: str, size: int) -> Network:
    """A spec at an input size, which its `resolution` is where it has that. Raises UsageError."""
    if RESOLUTION in spec.parameters and RESOLUTION not in settings:
        settings = {**settings, RESOLUTION: size}
    (case,) = cases(spec, [settings], [variant])
    if size not in case.network.input.size:
        shown = " x ".join(map(str, case.network.input.size))
        raise UsageError(f"its input is {shown}, not {size}")
    return case.network


def _of_model(address: str, size: int) -> Network:
    """A model at an input size: its own, any, or one that it is built for."""
    source = model_source(address)
    if source is None or source.runs_code:
        raise UsageError(f"{address} runs code of its own, which a table can't ask for")
    refused: list[SpecError] = []
    for options in _options(address, size):
        try:
            return _at(load(address, options=options), {}, _STANDARD, size)
        except SpecError as error:
            refused.append(error)
    raise refused[0]


def _options(address: str, size: int) -> Iterator[ModelOptions]:
    yield USUAL
    yield ModelOptions(resolutions=(size,))
    if address.startswith("timm:"):
        yield ModelOptions(call=(("img_size", size),))
