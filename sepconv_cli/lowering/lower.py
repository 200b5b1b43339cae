"""Description -> network: parameters worked out, blocks and repeats written out, shapes computed.

Problems are collected and not raised one by one: where a layer can't be built, the
layers after it are still checked for everything that doesn't depend on its shape.
"""

from collections.abc import Iterable, Mapping

from sepconv_cli.arithmetic import whole
from sepconv_cli.errors import Problem, Problems, SpecError, UsageError, did_you_mean, show
from sepconv_cli.language.layers import LISTS
from sepconv_cli.language.model import (
    BROKEN_LAYER,
    Layer,
    Spec,
    VariantChoice,
)
from sepconv_cli.language.numbers import UNSET, Data
from sepconv_cli.lowering.evaluate import Evaluator, unset
from sepconv_cli.lowering.prune import pruned
from sepconv_cli.lowering.settings import Settings
from sepconv_cli.lowering.wiring import LayerScope, Signal, Wiring
from sepconv_cli.network import Network, Op, Tensor, verify
from sepconv_cli.registry import record
from sepconv_cli.variants import Variant, keeps_every_shape

MAX_AXES = 3


def lower(spec: Spec, settings: Settings | None = None) -> Network:
    """The network of a spec, with some parameters set. Raises SpecError with all problems."""
    settings = settings or {}
    for name in settings:
        if name not in spec.parameters:
            hint = did_you_mean(name, spec.parameters)
            raise UsageError(f"{spec.name} has no parameter {name} to set", hint)
    problems = Problems()
    network = _Lowering(spec, problems).network(settings)
    if problems or network is None:
        raise SpecError(problems)
    verify(network)
    return network


def diagnose(spec: Spec) -> list[Problem]:
    """What lowering has to say about a spec that could be read only in part."""
    problems = Problems()
    try:
        _Lowering(spec, problems).network(unset(spec.parameters))
    except SpecError as error:
        return list(error.problems)
    return problems


def build_variants(
    choices: Iterable[VariantChoice], spec: Spec, settings: Settings | None = None
) -> list[Variant]:
    """The variants with their options worked out for a spec. Raises SpecError."""
    problems = Problems()
    lowering = _Lowering(spec, problems)
    names = lowering.names(settings or {})
    x = lowering.input(names)
    built = [lowering.variant(choice, names, x) for choice in choices]
    variants = [variant for variant in built if variant is not None]
    if problems or len(variants) < len(built):
        raise SpecError(problems)
    return variants


class _Lowering:
    def __init__(self, spec: Spec, problems: Problems) -> None:
        self.spec = spec
        self.problems = problems
        self.complain = problems.complain
        self.values = Evaluator(problems)

    def names(self, settings: Settings) -> Mapping[str, Data]:
        return self.values.parameters(self.spec.parameters, settings, {})

    def network(self, settings: Settings) -> Network | None:
        names = self.names(settings)
        x = self.input(names)
        wiring = Wiring(self.spec.blocks, names, self.problems)
        end = wiring.layers(self.spec.layers, LayerScope(names), Signal(x, -1) if x else None)
        for name, block in self.spec.blocks.items():
            if name not in wiring.called:
                wiring.check_block(block)
        for choice in self.spec.variants or ():
            self.variant(choice, names, x)
        outputs = wiring.outputs(self.spec.outputs) or [end]
        if x is None or None in outputs or self.problems:
            return None
        at = dict.fromkeys(output.at for output in outputs if output)
        return pruned(x, wiring.nodes, tuple(at))

    def input(self, names: Mapping[str, Data]) -> Tensor | None:
        value = self.spec.input
        shape = self.values.evaluate(value, names)
        if shape is UNSET:
            return None
        written = shape if isinstance(shape, tuple) else (shape,)
        axes = [size for size in map(whole, written) if size is not None and size >= 1]
        if not 1 <= len(written) <= MAX_AXES + 1:
            self.complain(
                f"an input has channels and up to {MAX_AXES} sizes, not {len(written)} values",
                value.place,
                "such as [3, 224, 224]; no batch",
            )
            return None
        if len(axes) < len(written):
            message = f"an input of {show(written)}: each is a whole number of at least 1"
            self.complain(message, value.place)
            return None
        return Tensor(axes[0], tuple(axes[1:]))

    def variant(
        self, choice: VariantChoice, names: Mapping[str, Data], x: Tensor | None
    ) -> Variant | None:
        values = self.values.evaluate_fields(choice.options, names)
        for name, option in choice.options.items():
            if isinstance(option, tuple):
                values[name] = self.between(option, names, x)
        built: Variant | None = self.values.record(
            choice, record("variants", choice.name), values, None
        )
        return built

    def between(
        self, layers: tuple[Layer, ...], names: Mapping[str, Data], x: Tensor | None
    ) -> tuple[Op, ...]:
        """The layers of an option, which must be ops that keep the shape."""
        ops = []
        for layer in layers:
            if layer.kind in self.spec.blocks or layer.kind in (*LISTS, BROKEN_LAYER):
                self.complain(f"{layer.kind} can't stand here: an op is needed", layer.place)
                continue
            values = self.values.evaluate_fields(layer.fields, names)
            op = self.values.record(
                layer, record("ops", layer.kind), values, len(x.size) if x else None
            )
            if op is None or x is None:
                continue
            if not keeps_every_shape(op, len(x.size)):
                message = f"{layer.kind} changes the shape, and what stands between keeps it"
                self.complain(message, layer.place)
            ops.append(op)
        return tuple(ops)
