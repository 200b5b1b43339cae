"""What can be asked of a point: the columns of a sweep, and the names in its filters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from sepconv_cli.arithmetic import divide
from sepconv_cli.conventions import Convention
from sepconv_cli.errors import UsageError, did_you_mean
from sepconv_cli.lowering.choose import Case
from sepconv_cli.metrics import Amounts, Context, Metric, Scope, in_tables, listed, title_of

if TYPE_CHECKING:
    from sepconv_cli.latency.device import Device

RATIO = "_ratio"


class Metrics(msgspec.Struct, frozen=True):
    """The names that a convention, a data type and devices give to a point's numbers.

    The count is called like the convention, `count` being the same. Ratios are to the standard
    variant of the same point.
    """

    convention: Convention
    bytes_each: int
    devices: "tuple[Device, ...]" = ()

    @property
    def count(self) -> str:
        """The name of the convention's number."""
        return self.convention.name.replace("-", "_")

    @property
    def shown(self) -> tuple[str, ...]:
        """Those that are shown for every point."""
        return tuple(map(self._name, in_tables(devices=self.devices)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that are written for every point; the others where they are asked for."""
        found = in_tables(wide=True, devices=self.devices)
        return tuple(self._name(one) for one in found if one.is_local or one.form == "time")

    @property
    def names(self) -> tuple[str, ...]:
        """All that can be asked for."""
        found = tuple(map(self._name, listed(self.devices)))
        return (*found, *(f"{name}{RATIO}" for name in found))

    def name(self, asked: str) -> str | None:
        """The name of what was asked for; None where it is none of these."""
        known = {"count": self.count, f"count{RATIO}": f"{self.count}{RATIO}"}.get(asked, asked)
        return known if known in self.names else None

    def known(self, asked: str, others: Sequence[str] = ()) -> str:
        """The name of what was asked for, or of a parameter. Raises UsageError."""
        found = self.name(asked) or (asked if asked in others else None)
        if found is None:
            choices = [*self.names, *others]
            raise UsageError(f"nothing is called {asked}", did_you_mean(asked, choices))
        return found

    def title(self, name: str) -> str:
        """What stands over the column of a number, or of a parameter."""
        if name not in self.names:
            return name.replace("_", " ")
        own = name.removesuffix(RATIO)
        title = title_of(self._metric(own), self.convention)
        return title if own == name else f"{title} ratio"

    def is_whole(self, name: str) -> bool:
        """Whether a number is a whole one wherever there is one."""
        return not name.endswith(RATIO) and self._metric(name).is_whole

    def of(self, case: Case, wanted: Sequence[str]) -> dict[str, Any]:
        """The wanted numbers of a case; None for what the convention doesn't count."""
        amounts = Amounts(Context(self.convention, self.bytes_each, self.devices))

        def number(name: str) -> Any:
            own = name.removesuffix(RATIO)
            metric = "count" if own == self.count else own
            value = amounts.number(metric, Scope(case.network))
            if own == name:
                return value
            return _ratio(value, amounts.number(metric, Scope(case.standard)))

        return {name: number(name) for name in wanted}

    def _name(self, metric: Metric) -> str:
        return self.count if metric.name == "count" else metric.name

    def _metric(self, name: str) -> Metric:
        return next(one for one in listed(self.devices) if self._name(one) == name)


def _ratio(value: Any, standard: Any) -> Any:
    return None if value is None or not standard else divide(value, standard)
