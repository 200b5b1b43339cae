"""What can be asked of a point: the columns of a sweep, and the names in its filters."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from sepconv_cli.arithmetic import divide
from sepconv_cli.conventions import Convention
from sepconv_cli.cost import Cost, cost, peak_activations, total
from sepconv_cli.errors import UsageError, did_you_mean
from sepconv_cli.lowering.choose import Case
from sepconv_cli.network import Network


class Metrics(msgspec.Struct, frozen=True):
    """The names that a convention and a data type give to a point's numbers.

    The count is called like the convention, `count` being the same. Ratios are to the standard
    variant of the same point.
    """

    convention: Convention
    bytes_each: int

    @property
    def count(self) -> str:
        """The name of the convention's number."""
        return self.convention.name.replace("-", "_")

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that are written for every point; the others where they are asked for."""
        return (
            "parameters",
            self.count,
            "activations",
            "weight_bytes",
            "activation_bytes",
        )

    @property
    def names(self) -> tuple[str, ...]:
        """All that can be asked for."""
        return (*self.columns, "peak_activation_bytes", "parameters_ratio", f"{self.count}_ratio")

    def name(self, asked: str) -> str | None:
        """The name of what was asked for; None where it is none of these."""
        known = {"count": self.count, "count_ratio": f"{self.count}_ratio"}.get(asked, asked)
        return known if known in self.names else None

    def known(self, asked: str, others: Sequence[str] = ()) -> str:
        """The name of what was asked for, or of a parameter. Raises UsageError."""
        found = self.name(asked) or (asked if asked in others else None)
        if found is None:
            choices = [*self.names, *others]
            raise UsageError(f"nothing is called {asked}", did_you_mean(asked, choices))
        return found

    def of(self, case: Case, wanted: Sequence[str]) -> dict[str, Any]:
        """The wanted numbers of a case; None for what the convention doesn't count."""
        own = _Lazy(lambda: self._cost(case.network))
        written = _Lazy(lambda: self._cost(case.standard))
        formulas: dict[str, Callable[[], Any]] = {
            "parameters": lambda: own().parameters,
            self.count: lambda: own().count,
            "activations": lambda: own().activations,
            "weight_bytes": lambda: own().parameters * self.bytes_each,
            "activation_bytes": lambda: own().activations * self.bytes_each,
            "peak_activation_bytes": lambda: peak_activations(case.network) * self.bytes_each,
            "parameters_ratio": lambda: _ratio(own().parameters, written().parameters),
            f"{self.count}_ratio": lambda: _ratio(own().count, written().count),
        }
        return {name: formulas[name]() for name in wanted}

    def _cost(self, network: Network) -> Cost:
        return total(cost(node, self.convention) for node in network.nodes)


class _Lazy:
    """A value that is worked out when it is first asked for."""

    def __init__(self, make: Callable[[], Cost]) -> None:
        self._make = make
        self._value: Cost | None = None

    def __call__(self) -> Cost:
        if self._value is None:
            self._value = self._make()
        return self._value


def _ratio(value: Any, standard: Any) -> Any:
    return None if value is None or not standard else divide(value, standard)
