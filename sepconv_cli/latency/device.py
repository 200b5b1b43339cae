"""A device that networks are to run on: its profile, and how many samples it is given at once."""

from collections.abc import Hashable, Sequence
from typing import Any

import msgspec

from sepconv_cli.errors import UsageError
from sepconv_cli.latency.find import find_profile
from sepconv_cli.latency.formula import Rates, Spent, rates, spent, together
from sepconv_cli.latency.profile import Profile
from sepconv_cli.latency.work import WorkKind, Workload, workloads
from sepconv_cli.network import Network


class Device(msgspec.Struct, frozen=True, eq=False):
    """A profile, and the samples of a batch, whose times it predicts."""

    profile: Profile
    batch: int
    rates: dict[WorkKind, Rates]

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self.profile.name

    @property
    def error(self) -> float | None:
        """The median error of its predictions; None where it wasn't measured at such batches."""
        return self.profile.errors.median_error if self.batch == self.fitted_batch else None

    @property
    def pair_error(self) -> float | None:
        """The error of the quotient of two of its predictions; None where that isn't known."""
        return None if self.error is None else self.profile.pair_error

    @property
    def fitted_batch(self) -> int:
        """The batch of this size, or the nearest at which anything was fitted."""
        least, most = self.profile.batch_sizes
        return min(max(self.batch, least), most)

    @property
    def words(self) -> str:
        """What its milliseconds are of."""
        many = "1 sample" if self.batch == 1 else f"a batch of {self.batch:,}"
        return f"ms of {many} on {self.name}"

    @property
    def about(self) -> dict[str, Any]:
        """What tables and documents say of it."""
        profile = self.profile
        return {
            "device": profile.name,
            "title": profile.title,
            "precision": profile.precision,
            "compiled": profile.compiled,
            "batch_size": self.batch,
            "unit": "ms",
            "error": self.error,
        }

    def time(self, work: Workload) -> Spent:
        """How long work takes for the whole batch."""
        return spent(work, self.rates[work.kind], self.batch)

    def times(self, network: Network) -> list[Spent | None]:
        """How long each node takes; None where that can't be told. A view takes no time."""
        found: list[Spent | None] = []
        known: dict[Hashable, Spent] = {}
        for works in workloads(network):
            if isinstance(works, str):
                found.append(None)
                continue
            times = []
            for work in works:
                key = work.key
                if key not in known:
                    known[key] = self.time(work)
                times.append(known[key])
            found.append(together(times))
        return found

    def milliseconds(self, network: Network) -> list[float | None]:
        """The sum of what each node spends."""
        return [None if time is None else time.milliseconds for time in self.times(network)]


def device_of(profile: Profile, batch: int | None = None) -> Device:
    """A profile's device, at the batch size that most was measured at unless one is given."""
    if batch is not None and batch < 1:
        raise UsageError(f"a batch has one sample at least, not {batch}")
    return Device(profile, batch or profile.batch_size, rates(profile.coefficients))


def devices(names: Sequence[str], batch: int | None = None) -> tuple[Device, ...]:
    """The devices of those names or paths. Raises SpecError, also where two have one name."""
    found = tuple(device_of(find_profile(name), batch) for name in names)
    known: set[str] = set()
    for device in found:
        if device.name in known:
            raise UsageError(f"the device {device.name} is given twice")
        known.add(device.name)
    return found
