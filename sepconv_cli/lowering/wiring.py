"""Layers -> nodes: blocks, repeats and branches written out, every node told what it reads.

A signal is what runs between layers: a shape, and the node that it comes from. Where a
layer can't be built the signal is None, and the layers after it are still checked for
everything that doesn't depend on their shape.
"""

from collections.abc import Iterator, Mapping, Sequence
from operator import index
from typing import Any, NamedTuple

import msgspec

from sepconv_cli.arithmetic import whole
from sepconv_cli.errors import Place, Problem, Problems, SpecError, did_you_mean, show
from sepconv_cli.language.model import BROKEN_LAYER, Block, Layer, LayerNames, Value
from sepconv_cli.language.numbers import UNSET, Data
from sepconv_cli.lowering.evaluate import Evaluator, unset
from sepconv_cli.lowering.naming import numbered
from sepconv_cli.lowering.shared import tie_layers
from sepconv_cli.network import Node, Op, Tensor
from sepconv_cli.registry import record

MAX_LAYERS = 10_000
INPUT = "input"
"""What arrives at a list or block, under the name that its layers read it by."""
_Owner = tuple[str, str | None]
"""A layer whose parameters another one uses, and the one tensor where it isn't all of them."""

_NONE_BEFORE = "no layer before this one is called"


class Signal(NamedTuple):
    """What leaves a node: its shape, and the node's index, -1 being the network's input."""

    shape: Tensor
    at: int


class LayerScope(msgspec.Struct, frozen=True):
    """Where a list of layers stands: the names in it, the prefix of its layers' names, and
    whether variants may rewrite them."""

    names: Mapping[str, Data]
    prefix: str = ""
    rewrite: bool = True

    def inside(self, name: str) -> "LayerScope":
        """The scope of a list under a layer of that full name."""
        return LayerScope(self.names, f"{name}.", self.rewrite)


class Wiring:
    """Writes layers out as nodes."""

    def __init__(
        self, blocks: Mapping[str, Block], names: Mapping[str, Data], problems: Problems
    ) -> None:
        self.problems = problems
        self.complain = problems.complain
        self.values = Evaluator(problems)
        self.blocks = blocks
        self.names = names
        self.nodes: list[Node] = []
        self.called: set[str] = set()
        self._outputs: dict[str, Signal | None] = {}
        self._arriving: dict[str, Signal | None] = {}
        self._left = MAX_LAYERS

    def layers(
        self, layers: tuple[Layer, ...], scope: LayerScope, x: Signal | None
    ) -> Signal | None:
        """Write out a list of layers, one after the other; what leaves the last."""
        if not scope.prefix:
            self._arriving.setdefault("", x)
        self._refuse_same_names(layers)
        repeats = [
            1 if layer.repeat is None else self._repeat(layer.repeat, scope) for layer in layers
        ]
        bases = [layer.name or layer.kind for layer in layers]
        for layer, instances in zip(layers, numbered(bases, repeats), strict=True):
            for instance in instances:
                name, start = scope.prefix + instance, len(self.nodes)
                owner = layer.weights and self._owner(layer, scope, scope.prefix + instances[0])
                x = self._outputs[name] = self._layer(layer, scope, x, name)
                if owner is not None and x and self._outputs[owner[0]]:
                    self._tie(layer, start, owner)
            if not instances:
                self._layer(layer, scope, None, scope.prefix)  # for its problems
        return x

    def outputs(self, names: LayerNames) -> list[Signal | None]:
        """What leaves these layers; of one that a condition leaves out, what arrives there."""
        return [self._named(name, place, "no layer is called") for name, place in names]

    def check_block(self, block: Block) -> None:
        """Look for the problems of a block that nobody calls."""
        outer = _with_shape(self.names, None)
        names = self.values.parameters(block.parameters, unset(block.parameters), outer)
        self._inside(block.layers, LayerScope(names).inside(BROKEN_LAYER), None)

    def _inside(
        self, layers: tuple[Layer, ...], scope: LayerScope, x: Signal | None
    ) -> Signal | None:
        """Write out a list or block, in which `input` stands for what arrives at it."""
        self._arriving[scope.prefix] = x
        return self.layers(layers, scope, x)

    def _refuse_same_names(self, layers: tuple[Layer, ...]) -> None:
        seen: set[str] = set()
        for layer in layers:
            if layer.name is None:
                continue
            if layer.name in seen:
                message = f"a second layer called {layer.name}"
                self.complain(message, layer.place, "name it otherwise")
            seen.add(layer.name)

    def _repeat(self, written: Value, scope: LayerScope) -> int:
        times = self.values.evaluate(written, scope.names)
        if times is UNSET:
            return 1
        count = whole(times)
        if count is None or count < 0:
            message = f"repeat: expected a whole number of at least 0, not {show(times)}"
            self.complain(message, written.place)
            return 1
        if count > self._left:
            self._too_many(written.place)
        return index(count)

    def _layer(self, layer: Layer, scope: LayerScope, x: Signal | None, name: str) -> Signal | None:
        self._left -= 1
        if self._left < 0:
            self._too_many(layer.place)
        inputs = self._inputs(layer, scope, x) if layer.sources else (x,)
        first = inputs[0]
        if layer.when is not None and not self._holds(layer.when, scope, first):
            return first
        if layer.rewrite is not None:
            rewrite = self.values.truth(layer.rewrite, scope.names, "rewrite") and scope.rewrite
            scope = LayerScope(scope.names, scope.prefix, rewrite)
        if layer.kind == BROKEN_LAYER:
            return None
        if len(inputs) > 1 and (layer.kind in self.blocks or layer.branches or layer.layers):
            self.complain(f"{layer.kind} reads from one layer", layer.place)
        if layer.kind == "layers":
            return self._inside(layer.layers, scope.inside(name), first)
        if layer.kind in ("residual", "parallel"):
            return self._branches(layer, scope.inside(name), first)
        if layer.kind in self.blocks:
            return self._call(layer, scope, first, name)
        return self._op(layer, scope, inputs, name)

    def _holds(self, condition: Value, scope: LayerScope, x: Signal | None) -> bool:
        return self.values.truth(condition, _with_shape(scope.names, x), "when")

    def _inputs(self, layer: Layer, scope: LayerScope, x: Signal | None) -> Sequence[Signal | None]:
        """What the layer reads: what arrives, or the layers that it names."""
        return [
            self._named(name, place, _NONE_BEFORE, scope.prefix) for name, place in layer.sources
        ] or [x]

    def _named(self, name: str, place: Place, unknown: str, prefix: str = "") -> Signal | None:
        """The output of a layer.

        Where no layer is called `input`, that is what arrives at the list or block around it.
        """
        if self._find(name, prefix) is None:
            for around in prefixes(prefix):
                full = f"{around}{name}"
                if f".{full}".endswith(f".{INPUT}") and full[: -len(INPUT)] in self._arriving:
                    return self._arriving[full[: -len(INPUT)]]
        found = self._full_name(name, place, unknown, prefix)
        return None if found is None else self._outputs[found]

    def _full_name(self, name: str, place: Place, unknown: str, prefix: str) -> str | None:
        """The layer of a name. Where there is none, say so."""
        found = self._find(name, prefix)
        if found is not None:
            return found
        inside = "." in name
        known = [each for each in self._outputs if inside or "." not in each]
        hint = did_you_mean(name, [each for each in known if BROKEN_LAYER not in each])
        self.complain(f"{unknown} {name}", place, hint)
        return None

    def _find(self, name: str, prefix: str) -> str | None:
        """The layer of a name, looked for under a prefix, in a list, then in those around it."""
        return next((p + name for p in prefixes(prefix) if p + name in self._outputs), None)

    def _owner(self, layer: Layer, scope: LayerScope, first: str) -> _Owner | None:
        """What a layer's `weights` names: of one that repeats and names itself, the first."""
        assert layer.weights is not None
        name, place = layer.weights
        if layer.repeat is not None and name == layer.name:
            return first, None
        whole, _, tensor = name.rpartition(".")
        if whole and self._find(name, scope.prefix) is None:
            of_tensor = self._find(whole, scope.prefix)
            if of_tensor is not None:
                return of_tensor, tensor
        full = self._full_name(name, place, _NONE_BEFORE, scope.prefix)
        return None if full is None else (full, None)

    def _tie(self, layer: Layer, start: int, owner: _Owner) -> None:
        """Give the nodes from `start` on the parameters of a layer."""
        assert layer.weights is not None
        name, place = layer.weights
        try:
            tie_layers(self.nodes, start, *owner)
        except ValueError as error:
            self.complain(f"can't use the weights of {name}: {error}", place)

    def _call(self, layer: Layer, scope: LayerScope, x: Signal | None, name: str) -> Signal | None:
        block = self.blocks[layer.kind]
        arguments = self.values.evaluate_fields(layer.fields, _with_shape(scope.names, x))
        # An argument that is missing has been reported where the call was read.
        given = {**unset(block.parameters), **arguments}
        self.called.add(layer.kind)
        names = self.values.parameters(block.parameters, given, _with_shape(self.names, x))
        return self._inside(block.layers, LayerScope(names, f"{name}.", scope.rewrite), x)

    def _branches(self, layer: Layer, scope: LayerScope, x: Signal | None) -> Signal | None:
        """Write out branches that all read x, and what joins them."""
        ends: list[Signal | None] = []
        for number, branch in enumerate(layer.branches):
            inside = scope
            if layer.kind == "parallel" or number:
                label = "shortcut" if layer.kind == "residual" else f"branch_{number + 1}"
                inside = scope.inside(scope.prefix + label)
            ends.append(self.layers(branch, inside, x))
        joined = [end for end in ends if end is not None]
        if len(joined) < max(2, len(ends)):
            return None
        if layer.matching and joined[0].shape != joined[1].shape:
            return joined[0]
        if layer.kind == "residual" and joined[0].shape != joined[1].shape:
            shapes = f"{joined[0].shape}, but the shortcut hands on {joined[1].shape}"
            hint = "a shortcut may have layers of its own, or be `matching`"
            self.complain(f"the layers of this residual make {shapes}", layer.place, hint)
            return None
        op = record("ops", layer.merge)()
        return self._node(layer, op, joined, scope.prefix + layer.merge, scope.rewrite)

    def _op(
        self, layer: Layer, scope: LayerScope, inputs: Sequence[Signal | None], name: str
    ) -> Signal | None:
        signals = [signal for signal in inputs if signal is not None]
        axes = len(signals[0].shape.size) if signals else None
        values = {}
        if layer.fields:
            names = _with_shape(scope.names, inputs[0])
            values = self.values.evaluate_fields(layer.fields, names)
        op = self.values.record(layer, record("ops", layer.kind), values, axes)
        if op is None or len(signals) < len(inputs):
            return None
        return self._node(layer, op, signals, name, scope.rewrite)

    def _node(
        self, layer: Layer, op: Op, inputs: Sequence[Signal], name: str, rewrite: bool
    ) -> Signal | None:
        shapes = tuple([signal.shape for signal in inputs])
        if self.values.complained(layer, op.check_inputs(shapes)):
            return None
        y = op.shape_of(shapes)
        at = len(self.nodes)
        sources = tuple([signal.at for signal in inputs])
        self.nodes.append(
            Node(
                name,
                name,
                op,
                shapes[0],
                y,
                rewrite,
                shapes[1:],
                None if sources == (at - 1,) else sources,
            )
        )
        return Signal(y, at)

    def _too_many(self, place: Place) -> None:
        message = f"a network of more than {MAX_LAYERS:,} layers"
        raise SpecError([*self.problems, Problem(message, place)])


def prefixes(prefix: str) -> Iterator[str]:
    """A prefix, and those of the lists around it."""
    while prefix:
        yield prefix
        prefix = prefix[: prefix.rstrip(".").rfind(".") + 1]
    yield ""


def _with_shape(names: Mapping[str, Data], x: Signal | None) -> dict[str, Any]:
    """The names with what arrives at a layer: in_channels, and in_size, which has a number for
    each axis and is a number itself where there is one."""
    if x is None:
        return {**names, "in_channels": UNSET, "in_size": UNSET}
    size = x.shape.size
    return {
        **names,
        "in_channels": x.shape.channels,
        "in_size": size[0] if len(size) == 1 else size,
    }
