"""Description -> network: parameters worked out, blocks and repeats written out, shapes computed.

Problems are collected and not raised one by one: where a layer can't be built, the
layers after it are still checked for everything that doesn't hang on its shape.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import count

from sepconv_cli.errors import Place, Problem, SpecError, UsageError, did_you_mean, show
from sepconv_cli.network import Network, Node, Op, Tensor, verify
from sepconv_cli.registry import record
from sepconv_cli.spec.evaluate import Evaluator, required
from sepconv_cli.spec.model import (
    BROKEN_LAYER,
    Block,
    Layer,
    Spec,
    VariantChoice,
)
from sepconv_cli.spec.numbers import UNSET, Data
from sepconv_cli.variants import Variant, keeps_every_shape

MAX_LAYERS = 10_000
MAX_AXES = 3

Settings = Mapping[str, Data]


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
        self.nodes: list[Node] = []
        self.globals: Mapping[str, Data] = {}
        self.called: set[str] = set()
        self.left = MAX_LAYERS

    def spec(self, settings: Settings) -> Network | None:
        names = self.parameters(self.spec_.parameters, settings, {})
        x = self.input(names)
        self.globals = names
        self.layers(self.spec_.layers, names, x, "", True)
        for name, block in self.spec_.blocks.items():
            if name not in self.called:
                self.check_block(block)
        for choice in self.spec_.variants or ():
            self.variant(choice, names, x)
        if x is None or self.problems:
            return None
        return Network(x, tuple(self.nodes))

    def check_block(self, block: Block) -> None:
        """Look for the problems of a block that nobody calls."""
        given = dict.fromkeys(required(block.parameters), UNSET)
        names = self.parameters(block.parameters, given, _with_shape(self.globals, None))
        self.layers(block.layers, names, None, "", True)

    def input(self, names: Mapping[str, Data]) -> Tensor | None:
        value = self.spec_.input
        shape = self.evaluate(value, names)
        if shape is UNSET:
            return None
        axes = shape if isinstance(shape, tuple) else (shape,)
        if not 1 <= len(axes) <= MAX_AXES + 1:
            self.complain(
                f"an input has channels and up to {MAX_AXES} sizes, not {len(axes)} values",
                value.place,
                "such as [3, 224, 224]; no batch",
            )
            return None
        if any(isinstance(axis, bool) or not isinstance(axis, int) or axis < 1 for axis in axes):
            message = f"an input of {show(axes)}: each is a whole number of at least 1"
            self.complain(message, value.place)
            return None
        return Tensor(axes[0], tuple(axes[1:]))

    def layers(
        self,
        layers: tuple[Layer, ...],
        names: Mapping[str, Data],
        x: Tensor | None,
        prefix: str,
        rewrite: bool,
    ) -> Tensor | None:
        """Write out a list of layers; the shape that leaves it, or None where it isn't known."""
        self.refuse_same_names(layers)
        repeats = [self.repeat(layer, names) for layer in layers]
        bases = [layer.name or layer.kind for layer in layers]
        for layer, instances in zip(layers, numbered(bases, repeats), strict=True):
            for name in instances:
                x = self.layer(layer, names, x, prefix + name, rewrite)
            if not instances:
                self.layer(layer, names, None, prefix, rewrite)  # for its problems
        return x

    def refuse_same_names(self, layers: tuple[Layer, ...]) -> None:
        seen: set[str] = set()
        for layer in layers:
            if layer.name in seen:
                message = f"a second layer called {layer.name}"
                self.complain(message, layer.place, "name it otherwise")
            seen.update([layer.name] if layer.name else [])

    def repeat(self, layer: Layer, names: Mapping[str, Data]) -> int:
        if layer.repeat is None:
            return 1
        times = self.evaluate(layer.repeat, names)
        if times is UNSET:
            return 1
        if isinstance(times, bool) or not isinstance(times, int) or times < 0:
            message = f"repeat: expected a whole number of at least 0, not {show(times)}"
            self.complain(message, layer.repeat.place)
            return 1
        if times > self.left:
            self.too_many(layer.repeat.place)
        return times

    def layer(
        self, layer: Layer, names: Mapping[str, Data], x: Tensor | None, name: str, rewrite: bool
    ) -> Tensor | None:
        self.left -= 1
        if self.left < 0:
            self.too_many(layer.place)
        if layer.rewrite is not None:
            rewrite = self.truth(layer.rewrite, names, "rewrite") and rewrite
        if layer.kind == BROKEN_LAYER:
            return None
        if layer.kind == "layers":
            return self.layers(layer.layers, names, x, f"{name}.", rewrite)
        here = _with_shape(names, x)
        block = self.spec_.blocks.get(layer.kind)
        if block is None:
            return self.op(layer, here, x, name, rewrite)
        # An argument that is missing has been reported where the call was read.
        absent = dict.fromkeys(required(block.parameters), UNSET)
        given = {**absent, **self.evaluate_fields(layer.fields, here)}
        self.called.add(layer.kind)
        inner = self.parameters(block.parameters, given, _with_shape(self.globals, x))
        return self.layers(block.layers, inner, x, f"{name}.", rewrite)

    def op(
        self, layer: Layer, names: Mapping[str, Data], x: Tensor | None, name: str, rewrite: bool
    ) -> Tensor | None:
        kind = record("ops", layer.kind)
        values = self.evaluate_fields(layer.fields, names)
        op = self.record(layer, kind, values, len(x.size) if x else None)
        if op is None or x is None:
            return None
        if self.complained(layer, op.check(x)):
            return None
        y: Tensor = op.output_shape(x)
        self.nodes.append(Node(name, name, op, x, y, rewrite))
        return y

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
            if layer.kind in self.spec_.blocks or layer.kind in ("layers", BROKEN_LAYER):
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

    def too_many(self, place: Place) -> None:
        message = f"a network of more than {MAX_LAYERS:,} layers"
        raise SpecError([*self.problems, Problem(message, place)])


def _with_shape(names: Mapping[str, Data], x: Tensor | None) -> dict[str, Data]:
    """The names with what arrives at a layer: in_channels and in_size."""
    if x is None:
        return {**names, "in_channels": UNSET, "in_size": UNSET}
    return {**names, "in_channels": x.channels, "in_size": x.size}


def numbered(bases: Sequence[str], repeats: Sequence[int]) -> list[list[str]]:
    """A name for each instance of each layer: `conv` alone, else `conv_1`, `conv_2`.

    A number that would make the name of another layer is passed over.
    """
    totals: Counter[str] = Counter()
    for base, repeat in zip(bases, repeats, strict=True):
        totals[base] += repeat
    taken = {base for base, total in totals.items() if total == 1}
    numbers = {base: count(1) for base in totals}
    names = []
    for base, repeat in zip(bases, repeats, strict=True):
        if totals[base] == 1:
            names.append([base] * repeat)
            continue
        free = (f"{base}_{n}" for n in numbers[base] if f"{base}_{n}" not in taken)
        names.append([next(free) for _ in range(repeat)])
        taken.update(names[-1])
    return names
