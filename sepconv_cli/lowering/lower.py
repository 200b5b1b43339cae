"""Description -> network: parameters worked out, blocks and repeats written out, shapes computed.

Problems are collected and not raised one by one: where a layer can't be built, the
layers after it are still checked for everything that doesn't hang on its shape.
"""

from collections.abc import Mapping

from sepconv_cli.arithmetic import whole
from sepconv_cli.errors import Problem, SpecError, UsageError, did_you_mean, show
from sepconv_cli.language.layers import LISTS
from sepconv_cli.language.model import (
    BROKEN_LAYER,
    Layer,
    Spec,
    VariantChoice,
)
from sepconv_cli.language.numbers import UNSET, Data
from sepconv_cli.lowering.evaluate import Evaluator, required
from sepconv_cli.lowering.settings import Settings
from sepconv_cli.lowering.wiring import Scope, Signal, Wiring
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
    problems: list[Problem] = []
    network = _Lowering(spec, problems).spec(settings)
    if problems or network is None:
        raise SpecError(problems)
    verify(network)
    return network


def diagnose(spec: Spec) -> list[Problem]:
    """What lowering has to say about a spec that could be read only in part."""
    problems: list[Problem] = []
    try:
        _Lowering(spec, problems).spec(dict.fromkeys(required(spec.parameters), UNSET))
    except SpecError as error:
        return list(error.problems)
    return problems


def build_variant(choice: VariantChoice, spec: Spec, settings: Settings | None = None) -> Variant:
    """The variant with its options worked out for a spec. Raises SpecError."""
    problems: list[Problem] = []
    lowering = _Lowering(spec, problems)
    names = lowering.parameters(spec.parameters, settings or {}, {})
    variant = lowering.variant(choice, names, lowering.input(names))
    if problems or variant is None:
        raise SpecError(problems)
    return variant


class _Lowering(Evaluator):
    def __init__(self, spec: Spec, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.spec_ = spec

    def spec(self, settings: Settings) -> Network | None:
        names = self.parameters(self.spec_.parameters, settings, {})
        x = self.input(names)
        wiring = Wiring(self.spec_.blocks, names, self.problems)
        end = wiring.layers(self.spec_.layers, Scope(names), Signal(x, -1) if x else None)
        for name, block in self.spec_.blocks.items():
            if name not in wiring.called:
                wiring.check_block(block)
        for choice in self.spec_.variants or ():
            self.variant(choice, names, x)
        if x is None or end is None or self.problems:
            return None
        return Network(x, tuple(wiring.nodes))

    def input(self, names: Mapping[str, Data]) -> Tensor | None:
        value = self.spec_.input
        shape = self.evaluate(value, names)
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
        values = self.evaluate_fields(choice.options, names)
        for name, option in choice.options.items():
            if isinstance(option, tuple):
                values[name] = self.between(option, names, x)
        built: Variant | None = self.record(choice, record("variants", choice.name), values, None)
        return built

    def between(
        self, layers: tuple[Layer, ...], names: Mapping[str, Data], x: Tensor | None
    ) -> tuple[Op, ...]:
        """The layers of an option, which must be ops that keep the shape."""
        ops = []
        for layer in layers:
            if layer.kind in self.spec_.blocks or layer.kind in (*LISTS, BROKEN_LAYER):
                self.complain(f"{layer.kind} can't stand here: an op is needed", layer.place)
                continue
            values = self.evaluate_fields(layer.fields, names)
            op = self.record(layer, record("ops", layer.kind), values, len(x.size) if x else None)
            if op is None or x is None:
                continue
            if not keeps_every_shape(op, len(x.size)):
                message = f"{layer.kind} changes the shape, and what stands between keeps it"
                self.complain(message, layer.place)
            ops.append(op)
        return tuple(ops)
