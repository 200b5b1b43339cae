"""Description -> network: parameters worked out, blocks and repeats written out, shapes computed.

Problems are collected and not raised one by one: where a layer can't be built, the
layers after it are still checked for everything that doesn't hang on its shape.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sepconv_cli.errors import Complaint, Place, Problem, SpecError, UsageError, did_you_mean
from sepconv_cli.network import Network, Node, Op, Tensor, verify
from sepconv_cli.registry import record
from sepconv_cli.spec.expression import UNSET, Data, Expression, ExpressionError, Unknown
from sepconv_cli.spec.fields import build, fields
from sepconv_cli.spec.model import (
    BROKEN_LAYER,
    Fields,
    Layer,
    Parameters,
    Required,
    Spec,
    Value,
    VariantChoice,
)
from sepconv_cli.variants import Variant

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
        _Lowering(spec, problems).spec(dict.fromkeys(_required(spec), UNSET))
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


def _required(spec: Spec) -> Iterator[str]:
    return (name for name, value in spec.parameters.items() if isinstance(value, Required))


class _Lowering:
    def __init__(self, spec: Spec, problems: list[Problem]) -> None:
        self.spec_ = spec
        self.problems = problems
        self.nodes: list[Node] = []
        self.left = MAX_LAYERS

    def spec(self, settings: Settings) -> Network | None:
        names = self.parameters(self.spec_.parameters, settings, {})
        x = self.input(names)
        self.layers(self.spec_.layers, names, x, "", True)
        for choice in self.spec_.variants or ():
            self.variant(choice, names, x)
        if x is None or self.problems:
            return None
        return Network(x, tuple(self.nodes))

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
        for axis in axes:
            if isinstance(axis, bool) or not isinstance(axis, int) or axis < 1:
                message = f"an input of {_show_shape(axes)}: each is a whole number of at least 1"
                self.complain(message, value.place)
                return None
        return Tensor(axes[0], tuple(axes[1:]))

    # Parameters and values

    def parameters(
        self, definitions: Parameters, given: Mapping[str, Data], outer: Mapping[str, Data]
    ) -> dict[str, Data]:
        """The outer names, over them the given ones, over them the defaults, in any order."""
        names = {name: value for name, value in outer.items() if name not in definitions}
        names.update(given)
        path: list[str] = []

        def resolve(name: str) -> None:
            definition = definitions[name]
            if isinstance(definition, Required):
                self.complain(f"{name} has no value", definition.place, f"--set {name}=...")
                names[name] = UNSET
                return
            if name in path:
                circle = " -> ".join((*path[path.index(name) :], name))
                self.complain(f"parameters in a circle: {circle}", definition.place)
                names[name] = UNSET
                return
            path.append(name)
            for other in _names_in(definition):
                if other in definitions and other not in names:
                    resolve(other)
            path.pop()
            if name not in names:
                names[name] = self.evaluate(definition, names)

        for name in definitions:
            if name not in names:
                resolve(name)
        return names

    def evaluate(self, value: Value, names: Mapping[str, Data]) -> Any:
        """What a value comes to; UNSET where that can't be said."""
        content = value.content
        if isinstance(content, Expression):
            try:
                return content.run(names)
            except Unknown:
                return UNSET
            except ExpressionError as error:
                self.complain(error.message, value.place.shifted(error.column), error.hint)
                return UNSET
        if isinstance(content, tuple):
            items = tuple(self.evaluate(item, names) for item in content)
            return UNSET if UNSET in items else items
        return UNSET if content is None else content

    def evaluate_fields(self, read: Fields, names: Mapping[str, Data]) -> dict[str, Any]:
        return {
            name: self.evaluate(value, names)
            for name, value in read.items()
            if isinstance(value, Value)
        }

    # Layers

    def layers(
        self,
        layers: tuple[Layer, ...],
        names: Mapping[str, Data],
        x: Tensor | None,
        prefix: str,
        rewrite: bool,
    ) -> Tensor | None:
        """Write out a list of layers; the shape that leaves it, or None where it isn't known."""
        repeats = [self.repeat(layer, names) for layer in layers]
        for layer, name in self.named(layers, repeats):
            x = self.layer(layer, names, x, prefix + name, rewrite)
        return x

    def named(self, layers: tuple[Layer, ...], repeats: list[int]) -> Iterator[tuple[Layer, str]]:
        """Each layer as often as it is repeated, with a name that no other in the list has."""
        totals: Counter[str] = Counter()
        for layer, repeat in zip(layers, repeats, strict=True):
            base = layer.name or layer.kind
            if layer.name and base in totals:
                self.complain(f"a second layer called {base}", layer.place, "name it otherwise")
            totals[base] += repeat
        used: Counter[str] = Counter()
        for layer, repeat in zip(layers, repeats, strict=True):
            base = layer.name or layer.kind
            for _ in range(repeat):
                used[base] += 1
                yield layer, base if totals[base] == 1 else f"{base}_{used[base]}"

    def repeat(self, layer: Layer, names: Mapping[str, Data]) -> int:
        if layer.repeat is None:
            return 1
        times = self.evaluate(layer.repeat, names)
        if times is UNSET:
            return 1
        if isinstance(times, bool) or not isinstance(times, int) or times < 0:
            message = f"repeat: expected a whole number of at least 0, not {times}"
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
        given = self.evaluate_fields(layer.fields, here)
        outer = {n: value for n, value in names.items() if n in self.spec_.parameters}
        inner = self.parameters(block.parameters, given, _with_shape(outer, x))
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

    def record(
        self, layer: Layer | VariantChoice, kind: type, values: dict[str, Any], axes: int | None
    ) -> Any:
        """The op or variant with these values; None where one of them is missing or wrong."""
        known = {name: value for name, value in values.items() if value is not UNSET}
        missing = [field for field in fields(kind).values() if field.required]
        if any(field.name not in values for field in missing):
            return None
        unset = len(known) < len(values)
        required = {field.name: 1 for field in missing if field.name not in known}
        built = build(kind, {**known, **required}, axes)
        if isinstance(built, list):
            self.complained(layer, built)
            return None
        return None if unset else built

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
            if self.complained(layer, op.check(x)):
                continue
            if op.output_shape(x) != x:
                message = f"{layer.kind} changes the shape, and what stands between keeps it"
                self.complain(message, layer.place)
            ops.append(op)
        return tuple(ops)

    # Problems

    def truth(self, value: Value, names: Mapping[str, Data], what: str) -> bool:
        found = self.evaluate(value, names)
        if not isinstance(found, bool) and found is not UNSET:
            self.complain(f"{what}: expected true or false, not {found}", value.place)
        return found is True

    def complained(
        self, layer: Layer | VariantChoice, complaints: Iterator[Complaint] | list[Complaint]
    ) -> bool:
        """Report what an op says against itself, at the field or else the layer."""
        read = layer.fields if isinstance(layer, Layer) else layer.options
        found = False
        for complaint in complaints:
            value = read.get(complaint.field or "")
            place = value.place if isinstance(value, Value) else layer.place
            self.complain(complaint.message, place, complaint.hint)
            found = True
        return found

    def complain(self, message: str, place: Place, hint: str | None = None) -> None:
        self.problems.append(Problem(message, place, hint))

    def too_many(self, place: Place) -> None:
        message = f"a network of more than {MAX_LAYERS:,} layers"
        raise SpecError([*self.problems, Problem(message, place)])


def _with_shape(names: Mapping[str, Data], x: Tensor | None) -> dict[str, Data]:
    """The names with what arrives at a layer: in_channels and in_size."""
    if x is None:
        return {**names, "in_channels": UNSET, "in_size": UNSET}
    return {**names, "in_channels": x.channels, "in_size": x.size}


def _names_in(value: Value) -> Iterator[str]:
    if isinstance(value.content, Expression):
        yield from sorted(value.content.names)
    elif isinstance(value.content, tuple):
        for item in value.content:
            yield from _names_in(item)


def _show_shape(axes: tuple[Any, ...]) -> str:
    return "x".join(str(axis) for axis in axes)
