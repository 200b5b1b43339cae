"""What a batch comes to: counts, the best and the worst, and how the figures are spread.

Rows are seen once, as they are written; what is kept doesn't grow with them.
"""

import heapq
from collections import Counter
from collections.abc import Sequence
from math import floor, log2

import msgspec

from sepconv_cli.batch.rows import NUMBERS, OF_DEVICE, SpecRow
from sepconv_cli.errors import UsageError, did_you_mean


def ranked_by(name: str, convention: str, on_device: bool = False) -> str:
    """The column that rows are ranked by; `macs` and the convention's name stand for `count`.

    Raises UsageError for what is no column of numbers.
    """
    column = "count" if name in ("macs", convention) else name
    if column not in NUMBERS:
        raise UsageError(f"nothing is called {name}", did_you_mean(name, NUMBERS))
    if column in OF_DEVICE and not on_device:
        raise UsageError(f"{name} is of a device, and none is named", "such as --device NAME")
    return column


BINS_PER_OCTAVE = 16
MOST_SHOWN = 5
MOST_KINDS = 1_000


class Spread:
    """The values of one variant: how many, the least, the most, and a histogram by size."""

    def __init__(self) -> None:
        self.count = 0
        self.least: float | int | None = None
        self.most: float | int | None = None
        self.bins: Counter[int] = Counter()

    def add(self, value: float | int) -> None:
        """One more value."""
        self.count += 1
        self.least = value if self.least is None else min(self.least, value)
        self.most = value if self.most is None else max(self.most, value)
        if value > 0:
            self.bins[floor(log2(value) * BINS_PER_OCTAVE)] += 1


class Summary:
    """What is to be said of all rows. `top` rows are kept of each end, ranked by `by`."""

    def __init__(self, by: str = "count", top: int = 3) -> None:
        self.by = by
        self.top = top
        self.specs = self.rows = self.failed = self.disagreeing = self.traced = 0
        self.left_out = self.unused = 0
        self.opaque: Counter[str] = Counter()
        self.counted = self.unchanged = 0
        self.spreads: dict[str, Spread] = {}
        self.codes: Counter[str] = Counter()
        self.failures: list[SpecRow] = []
        self._best: list[tuple[float | int, int, SpecRow]] = []
        self._worst: tuple[float | int, int, SpecRow] | None = None

    def add(self, rows: Sequence[SpecRow]) -> None:
        """The rows of one more document."""
        self.specs += 1
        failed = [row for row in rows if row.status == "error"]
        self.failed += bool(failed)
        for row in failed[:1]:
            self.codes[str(row.code)] += 1
            if len(self.failures) < MOST_SHOWN:
                self.failures.append(row)
        for row in rows:
            self.rows += 1
            if row.status == "ok":
                self._rank(row)

    def _rank(self, row: SpecRow) -> None:
        self.traced += row.agrees is not None
        self.disagreeing += row.agrees is False
        self.left_out += bool(row.not_counted or row.not_comparable)
        if row.opaque and len(self.opaque) < MOST_KINDS:
            self.opaque[row.opaque] += 1
        self.unused += bool(row.unused_layers)
        value = getattr(row, self.by)
        if value is None:
            return
        self.spreads.setdefault(str(row.variant), Spread()).add(value)
        # Of equal rows the first is ranked first, whatever their number.
        entry = (-value, -self.rows, row)
        if len(self._best) < self.top:
            heapq.heappush(self._best, entry)
        elif self._best and entry[:2] > self._best[0][:2]:
            heapq.heapreplace(self._best, entry)
        if self._worst is None or value > self._worst[0]:
            self._worst = (value, self.rows, row)

    @property
    def best(self) -> list[SpecRow]:
        """The rows with the least of what is ranked by, the very least first."""
        return [row for _, _, row in sorted(self._best, key=lambda entry: entry[:2], reverse=True)]

    @property
    def worst(self) -> SpecRow | None:
        """The first row with the most of it."""
        return self._worst[2] if self._worst else None


class Histogram(msgspec.Struct, frozen=True):
    """How many values lie in each of some spans of the same ratio, from the least to the most."""

    counts: tuple[int, ...]

    def __str__(self) -> str:
        most = max(self.counts, default=0) or 1
        bars = " ▁▂▃▄▅▆▇█"
        return "".join(bars[-(-8 * count // most)] for count in self.counts)


def histogram(spread: Spread, all_of: Sequence[Spread], spans: int = 16) -> Histogram:
    """The histogram of one variant, on the same axis for all."""
    used = [number for each in all_of for number in each.bins]
    if not used:
        return Histogram(())
    low, width = min(used), max(used) - min(used) + 1
    counts = [0] * min(spans, width)
    for number, count in spread.bins.items():
        counts[(number - low) * len(counts) // width] += count
    return Histogram(tuple(counts))
