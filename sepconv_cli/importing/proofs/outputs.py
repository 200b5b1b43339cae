"""The third proof: the module built from the spec, given the model's weights, puts out the same.

Both run on the same random input. Beside the outputs every layer is compared by itself, on what
the model's own layers hand to it: what many layers would blur is seen where it happens.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.utils._pytree import tree_map

from sepconv_cli.errors import first_line
from sepconv_cli.importing.passes.record import recorded_values
from sepconv_cli.importing.proofs.loaded import Samples, loaded
from sepconv_cli.importing.proofs.proof import Counterpart, Proof, refuse
from sepconv_cli.importing.proofs.values import Unprovable, random_inputs, runnable
from sepconv_cli.importing.proofs.weights_alone import of_samples
from sepconv_cli.importing.reading import Layout
from sepconv_cli.importing.steps import Step
from sepconv_cli.importing.tape import Tape
from sepconv_cli.network import Node
from sepconv_cli.trace.build import Graph

MOST_APART = 1e-4
"""The largest difference between equal outputs, relative to the largest output."""

MOST_STEADY = 1e-6
"""The largest steady factor between the outputs of equal norms, where chance evens out. Another
eps shows so: 1e-6 for 1e-5 makes all elements larger by 4.5e-6 at a variance of 1."""


class Given(NamedTuple):
    """What the model was recorded with: itself, its arguments, the pass and its layouts."""

    model: nn.Module
    inputs: tuple[Any, ...]
    keywords: Mapping[str, Any]
    tape: Tape
    layouts: Sequence[Layout]


def prove_outputs(found: Counterpart, given: Given) -> Proof:
    """Equal to less than `MOST_APART`. Raises SpecError.

    By four-byte numbers, and where these differ by eight-byte ones, which tell noise from a fault.
    """
    try:
        _refuse_large(found)
        model = runnable(given.model)
        compared = _compared(found, given, model, torch.float32)
        if any(compared.faults()):
            compared = _compared(found, given, model.double(), torch.float64)
    except Unprovable as error:
        return Proof("outputs", f"outputs not compared: {error}", None)
    refuse("outputs", compared.faults())
    return compared.proof(_weights_of(given.model))


class _Compared(NamedTuple):
    """The difference of the outputs, and of every layer by itself, with its name.

    `factors` are the steady ones of norms.
    """

    outputs: float | None
    layers: dict[str, float]
    factors: dict[str, float]

    def faults(self) -> Iterator[str]:
        if self.outputs is not None and not self.outputs < MOST_APART:
            yield f"they differ by {self.outputs:.1e} of the largest"
        for name, n in self.layers.items():
            if not n < MOST_APART:
                yield f"{name} by {n:.1e} on equal inputs"
            elif not self.factors.get(name, 0.0) < MOST_STEADY:
                yield f"{name} by a factor of 1 + {self.factors[name]:.1e} on equal inputs"

    def proof(self, weights: str) -> Proof:
        layers = max(self.layers.values(), default=0.0)
        each = f"every layer by itself {_to(layers)}{weights}"
        if self.outputs is None:
            line = f"outputs not compared: some functions are opaque; {each}"
            return Proof("outputs", line, None)
        line = f"outputs equal {_to(self.outputs)}, {each}"
        return Proof("outputs", line, True, self.outputs)


def _to(apart: float) -> str:
    return f"to {apart:.1e}" if apart else "exactly"


def _weights_of(model: nn.Module) -> str:
    """Which weights both ran on, as the end of a line; a model may have none."""
    places = {parameter.is_meta for parameter in model.parameters()}
    if not places:
        return ""
    return " (random weights)" if True in places else " (the weights it holds)"


def _compared(found: Counterpart, given: Given, model: nn.Module, dtype: torch.dtype) -> _Compared:
    inputs, keywords = tree_map(
        lambda leaf: leaf.to(dtype) if _is_float(leaf) else leaf,
        random_inputs((given.inputs, dict(given.keywords))),
    )
    tape, values = _recorded(given, model, inputs, keywords)
    samples = Samples(given.layouts, values)
    graph = loaded(found, dict(_named(model)), values, samples).to(dtype)
    with torch.no_grad():
        x = samples[tape.inputs[0].at]
        layers, factors = {}, {}
        for node, y, theirs in _layers_by_themselves(found, graph, x, samples):
            layers[node.name] = difference(y, theirs)
            if hasattr(node.op, "eps"):
                factors[node.name] = abs(steady_factor(y, theirs) - 1)
        if any(step.op.is_opaque for step in found.recorded.steps):
            return _Compared(None, layers, factors)
        written = graph(x)
    outputs = written if isinstance(written, tuple) else (written,)
    return _Compared(_apart(found, outputs, tape, given.layouts, samples), layers, factors)


def _apart(
    found: Counterpart,
    outputs: Sequence[torch.Tensor],
    tape: Tape,
    layouts: Sequence[Layout],
    samples: Samples,
) -> float:
    """The largest difference of the outputs, of which the spec has each once."""
    steps = list(dict.fromkeys(found.recorded.outputs))
    made = of_samples(tape, layouts)
    theirs = [ref.at for ref in tape.outputs if ref.at in made]
    if not theirs or len(steps) != len(outputs) or len(theirs) > len(found.recorded.outputs):
        raise Unprovable("the spec's outputs aren't the model's")
    ours = dict(zip(steps, outputs, strict=True))
    # Behind them are those that nothing reads and that cost something.
    pairs = zip(found.recorded.outputs, theirs, strict=False)
    return max(difference(ours[step], samples[at].reshape_as(ours[step])) for step, at in pairs)


def _recorded(
    given: Given, model: nn.Module, inputs: Any, keywords: Any
) -> tuple[Tape, list[torch.Tensor]]:
    """The pass of the model with values. Raises Unprovable where it is another one."""
    try:
        tape, values = recorded_values(model, *inputs, **keywords)
    except (RuntimeError, IndexError, ValueError, TypeError, MemoryError) as error:
        raise Unprovable(f"the model fails on random values: {first_line(error)}") from error
    if [_shape(call) for call in tape.calls] != [_shape(call) for call in given.tape.calls]:
        raise Unprovable("the model calls other functions on random values")
    if not all(torch.isfinite(values[ref.at]).all() for ref in tape.outputs):
        raise Unprovable("the model's outputs on random values aren't finite")
    return tape, values


def _shape(call: Any) -> Any:
    return call.function, [ref.shape for ref in call.outputs]


def _is_float(leaf: Any) -> bool:
    return isinstance(leaf, torch.Tensor) and leaf.is_floating_point()


def _named(model: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    yield from model.named_parameters(remove_duplicate=False)
    yield from model.named_buffers(remove_duplicate=False)


def _layers_by_themselves(
    found: Counterpart, graph: Graph, x: torch.Tensor, samples: Samples
) -> Iterator[tuple[Node, torch.Tensor, torch.Tensor]]:
    """What each layer makes of what the model's own layers hand on, and what the model's makes."""
    steps: dict[int, Step] = {
        at: step
        for step, at in zip(found.recorded.steps, found.nodes, strict=True)
        if at is not None
    }
    written: list[torch.Tensor] = []
    for at, (module, reads) in enumerate(zip(graph, graph.reads, strict=True)):
        y = module(*(x if source < 0 else written[source] for source in reads))
        step = steps.get(at)
        if step is not None and step.tensor is not None:
            theirs = samples[step.tensor]
            if theirs.shape == y.shape:
                if not step.op.is_opaque:
                    yield found.network.nodes[at], y, theirs
                y = theirs
        written.append(y)


def difference(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    """The largest difference, relative to the largest element; infinite for another shape."""
    if ours.shape != theirs.shape:
        return float("inf")
    if not theirs.numel() or torch.equal(ours, theirs):
        return 0.0
    if not (torch.isfinite(ours).all() and torch.isfinite(theirs).all()):
        equal = (ours == theirs) | (ours.isnan() & theirs.isnan())
        ours, theirs = ours.masked_fill(equal, 0), theirs.masked_fill(equal, 0)
    largest = float(theirs.double().abs().max())
    apart = float((ours.double() - theirs.double()).abs().max())
    return apart / largest if largest and not math.isnan(apart) else math.inf


def steady_factor(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    """The factor by which one is best made of the other."""
    ours, theirs = ours.double().flatten(), theirs.double().flatten()
    square = theirs @ theirs
    return float(ours @ theirs / square) if square else 1.0


def _refuse_large(found: Counterpart) -> None:
    """Raise Unprovable where the values of a pass would take more memory than there is."""
    # The model's tensors, copies of them, and those of the spec's module; weights and a copy.
    elements = sum(
        4 * node.y.elements + 2 * node.op.parameters(node.x) for node in found.network.nodes
    )
    free = _free_memory()
    if free is not None and 4 * elements > free:
        wanted, has = 4 * elements / 2**30, free / 2**30
        raise Unprovable(f"it takes {wanted:.1f} GiB of memory, and {has:.1f} are free")


def _free_memory() -> int | None:
    try:
        with open("/proc/meminfo") as lines:  # noqa: PTH123
            return next(1024 * int(n.split()[1]) for n in lines if n.startswith("MemAvailable"))
    except (OSError, StopIteration, ValueError):
        return None
