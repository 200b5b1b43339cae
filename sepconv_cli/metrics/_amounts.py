"""Metrics of networks, each worked out when it is first asked for, and once."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from sepconv_cli.arithmetic import largest
from sepconv_cli.metrics._find import metric, on_devices
from sepconv_cli.metrics._metric import Amount, Combine, Context, Metric
from sepconv_cli.metrics.count import counted
from sepconv_cli.network import Network, Node


class Scope(msgspec.Struct, frozen=True):
    """Some nodes of a network, by their indices; None stands for all of them."""

    network: Network
    where: tuple[int, ...] | None = None

    @property
    def nodes(self) -> Sequence[Node]:
        """The nodes themselves."""
        nodes = self.network.nodes
        return nodes if self.where is None else [nodes[index] for index in self.where]

    @property
    def indices(self) -> Sequence[int]:
        """Which nodes they are."""
        return range(len(self.network.nodes)) if self.where is None else self.where

    def layers(self, depth: int | None = None) -> dict[str, "Scope"]:
        """The nodes of each layer of the spec, or of each of its names' first parts, so many."""
        found: dict[str, list[int]] = {}
        for index in self.indices:
            layer = self.network.nodes[index].layer
            name = layer if depth is None else ".".join(layer.split(".")[:depth])
            found.setdefault(name, []).append(index)
        return {name: Scope(self.network, tuple(where)) for name, where in found.items()}


class Amounts:
    """What metrics come to in one context.

    Variants of a network share the nodes that they leave as they are, so a node's amount is
    worked out once for all of them. Networks are kept, since they are known by their identity.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        latencies = {one.name: one for one in on_devices(context.devices)}
        self._own = {"count": counted(context.convention), **latencies}
        self._kept: dict[int, Network] = {}
        self._of_nodes: dict[str, dict[int, Amount]] = {}
        self._of_networks: dict[tuple[str, int], Sequence[Amount]] = {}
        self._numbers: dict[tuple[str, int], Amount] = {}

    def metric(self, name: str) -> Metric:
        """The metric of that name, `count` being the convention's. Raises UsageError."""
        return self._own.get(name) or metric(name)

    def number(self, name: str, scope: Scope) -> Amount:
        """A metric of some nodes; None where it isn't counted or can't be told."""
        found = self.metric(name)
        if scope.where is not None:
            return self._number(found, scope)
        key = (found.name, id(scope.network))
        if key not in self._numbers:
            self._kept[id(scope.network)] = scope.network
            self._numbers[key] = self._number(found, scope)
        return self._numbers[key]

    def why_not(self, name: str, scope: Scope) -> str:
        """Why a number can't be told, naming the layer; empty where it can."""
        found = self.metric(name)
        for node in scope.nodes if found.why_not else ():
            reason = found.why_not(node) if found.why_not else None
            if reason:
                return f"{node.name}: {reason}"
        return next(filter(None, (self.why_not(other, scope) for other in found.of)), "")

    def notes(self, name: str, scope: Scope) -> tuple[str, ...]:
        """What a metric, or one that it is made of, leaves out of these nodes."""
        found = self.metric(name)
        own = tuple(found.notes(scope.nodes)) if found.notes else ()
        return (*own, *(note for other in found.of for note in self.notes(other, scope)))

    def _number(self, found: Metric, scope: Scope) -> Amount:
        if found.formula is not None:
            numbers = [self.number(name, scope) for name in found.of]
            if any(number is None for number in numbers):
                return None
            return found.formula(self.context, *numbers)
        if found.why_not is not None and any(map(found.why_not, scope.nodes)):
            return None
        each = self._each(found, scope.network)
        return _COMBINED[found.combine](
            each if scope.where is None else [each[index] for index in scope.where]
        )

    def _each(self, found: Metric, network: Network) -> Sequence[Amount]:
        """What each node adds, in the order of the nodes."""
        key = (found.name, id(network))
        amounts = self._of_networks.get(key)
        if amounts is None:
            amounts = self._of_networks[key] = self._worked_out(found, network)
        return amounts

    def _worked_out(self, found: Metric, network: Network) -> Sequence[Amount]:
        if found.network is not None:
            parts = [self._each(self.metric(name), network) for name in found.of]
            return found.network(network, self.context, *parts)
        assert found.node
        known, formula = self._of_nodes.setdefault(found.name, {}), found.node
        self._kept[id(network)] = network
        keys = list(map(id, network.nodes))
        for key, node in zip(keys, network.nodes, strict=True):
            if key not in known:
                known[key] = formula(node, self.context)
        return [known[key] for key in keys]


def _sum(amounts: Sequence[Any]) -> Any:
    """None where there is something, and none of it is counted."""
    if None not in amounts:
        return sum(amounts)
    counted = [amount for amount in amounts if amount is not None]
    return sum(counted) if counted else None


def _most(levels: Sequence[Any]) -> Any:
    return largest(levels) if levels else None


_COMBINED: dict[Combine, Callable[[Sequence[Any]], Amount]] = {"sum": _sum, "max": _most}
