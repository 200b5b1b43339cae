"""How much of the input one output position of a layer depends on.

The theoretical receptive field (Araujo et al., "Computing Receptive Fields of Convolutional
Neural Networks", Distill 2019), from the first to the last input position, and of all output
positions the largest. After upsampling it differs from one position to the next, and so it does
where branches meet that aren't aligned: hence an interval is kept for each position of a period
after which all is the same again, further along the input. Padding counts as input, and all
channels of a position are taken together.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import floor, gcd, inf, lcm

import msgspec

from sepconv_cli.network import NOTHING, Network, Node, Reach, Tensor, Window

MAX_PERIOD = 256


class ReceptiveField(msgspec.Struct, frozen=True):
    """Input positions on each axis; at most so many where it isn't `exact`."""

    size: tuple[int, ...]
    exact: bool = True


class _Intervals(msgspec.Struct, frozen=True):
    """What the positions along one axis see: position q * period + r sees the input positions
    from lows[r] + q * advance to highs[r] + q * advance; none where these are infinite."""

    lows: tuple[float, ...] = (0,)
    highs: tuple[float, ...] = (0,)
    advance: int = 1

    exact = True

    @property
    def largest(self) -> int:
        """The most that a position sees."""
        return int(max(map(_length, self.lows, self.highs)))

    def bound(self) -> "_Bound":
        """A line below all lows and one above all highs."""
        slope = Fraction(self.advance, len(self.lows))
        lows = [int(low) - slope * r for r, low in enumerate(self.lows) if low < inf]
        highs = [int(high) - slope * r for r, high in enumerate(self.highs) if high > -inf]
        nothing = Fraction(1), Fraction(0)
        return _Bound(*((min(lows), max(highs)) if lows else nothing), slope)

    def through(self, reach: Reach) -> "_Seen":
        """What is seen by positions that read these."""
        period = len(self.lows)
        common = gcd(reach.step, reach.up)
        step, up = reach.step // common, reach.up // common
        turns = period // gcd(period, step)
        if turns * up > MAX_PERIOD:
            return self.bound().through(reach)
        read = [reach.positions(o) for o in range(turns * up)]
        lows = tuple([self._lowest(positions) for positions in read])
        highs = tuple([self._highest(positions) for positions in read])
        return _Intervals(lows, highs, step * turns // period * self.advance)

    def _lowest(self, positions: range) -> float:
        # After a period of steps all is the same again, only further along.
        some = positions[: self._different(positions)]
        period, advance = len(self.lows), self.advance
        return min([self.lows[i % period] + i // period * advance for i in some], default=inf)

    def _highest(self, positions: range) -> float:
        some = positions[-self._different(positions) :]
        period, advance = len(self.lows), self.advance
        return max([self.highs[i % period] + i // period * advance for i in some], default=-inf)

    def _different(self, positions: range) -> int:
        period = len(self.lows)
        return period // gcd(period, positions.step)

    def beside(self, other: "_Seen", size: int) -> "_Seen":
        """What is seen by so many positions that see both."""
        if other == self:
            return self
        if isinstance(other, _Bound) or self._drifts_from(other):
            return self.bound().beside(other, size)
        period = lcm(len(self.lows), len(other.lows))
        if period > MAX_PERIOD:
            return self.bound().beside(other, size)
        ours, theirs = self._spread(period), other._spread(period)
        lows = tuple([min(pair) for pair in zip(ours.lows, theirs.lows, strict=True)])
        highs = tuple([max(pair) for pair in zip(ours.highs, theirs.highs, strict=True)])
        return _Intervals(lows, highs, ours.advance)

    def _drifts_from(self, other: "_Intervals") -> bool:
        """Whether the input positions move on by another number for each position."""
        return self.advance * len(other.lows) != other.advance * len(self.lows)

    def _spread(self, period: int) -> "_Intervals":
        """The same over a longer period."""
        if period == len(self.lows):
            return self
        turns = range(period // len(self.lows))
        lows = tuple([low + turn * self.advance for turn in turns for low in self.lows])
        highs = tuple([high + turn * self.advance for turn in turns for high in self.highs])
        return _Intervals(lows, highs, self.advance * len(turns))


class _Bound(msgspec.Struct, frozen=True):
    """What the positions along one axis see at most: position o sees no input position below
    low + slope * o, and none above high + slope * o."""

    low: Fraction
    high: Fraction
    slope: Fraction

    exact = False

    @property
    def largest(self) -> int:
        """More than this no position sees."""
        return floor(self.high - self.low) + 1

    def bound(self) -> "_Bound":
        """Itself."""
        return self

    def through(self, reach: Reach) -> "_Bound":
        """What is seen by positions that read these."""
        slope = self.slope / reach.up
        first, last = reach.taps[0], reach.taps[-1]
        return _Bound(self.low + slope * first, self.high + slope * last, slope * reach.step)

    def beside(self, other: "_Seen", size: int) -> "_Bound":
        """What is seen by so many positions that see both, which may drift apart."""
        that = other.bound()
        drift = (that.slope - self.slope) * (size - 1)
        low = min(self.low, that.low + min(drift, Fraction(0)))
        return _Bound(low, max(self.high, that.high + max(drift, Fraction(0))), self.slope)


_Seen = _Intervals | _Bound
_Axes = tuple[_Seen, ...]
_ITSELF = _Intervals()
_ALWAYS_THE_FIRST = Reach(step=0)


def receptive_fields(network: Network) -> list[ReceptiveField | None]:
    """The receptive field of each node; None where it sees the whole input, and 0 positions where
    it sees none of it."""
    start = (_ITSELF,) * len(network.input.size)
    blind = ReceptiveField((0,) * len(start))
    seen: list[_Axes | ReceptiveField | None] = []
    for index, node in enumerate(network.nodes):
        window = node.op.window_on(node.inputs)
        arriving = [start if at < 0 else seen[at] for at in node.reads(index)]
        if window == NOTHING or all(axes is blind for axes in arriving):
            seen.append(blind)
        else:
            seen.append(_seen_by(node, window, arriving))
    return [_field(axes) if isinstance(axes, tuple) else axes for axes in seen]


def _seen_by(
    node: Node, window: Window | None, arriving: Sequence["_Axes | ReceptiveField | None"]
) -> _Axes | None:
    """What a node sees through its window, of all that arrives together; None where it sees the
    whole input. What sees nothing doesn't count."""
    sizes = node.y.size
    if window is None or None in arriving:
        return None
    reaches = window * len(sizes) if len(window) == 1 else window
    found = []
    for axes, x in zip(arriving, node.inputs, strict=True):
        if not isinstance(axes, tuple):
            continue
        if node.others and len(x.size) < len(sizes):
            return None
        # A flat input is looked up position by position.
        through = _along(reaches, x, node) if node.others else reaches
        found.append(_through(axes or (_ITSELF,) * len(sizes), through))
    together = found[0]
    for axes in found[1:]:
        rows = zip(together, axes, sizes, strict=True)
        together = tuple([one.beside(other, size) for one, other, size in rows])
    return together


def _along(reaches: Window, x: Tensor, node: Node) -> Window:
    """The same, and always the first where an axis of length 1 is taken along a longer one."""
    axes = zip(reaches, x.size, node.y.size, strict=True)
    return tuple([_ALWAYS_THE_FIRST if n == 1 < m else reach for reach, n, m in axes])


def _through(axes: _Axes, reaches: Window) -> _Axes:
    """What is seen along each axis; worked out once where all are alike."""
    if len(axes) > 1 and all(axis is axes[0] for axis in axes) and len(set(reaches)) == 1:
        return (axes[0].through(reaches[0]),) * len(axes)
    return tuple([axis.through(reach) for axis, reach in zip(axes, reaches, strict=True)])


def _length(low: float, high: float) -> float:
    return max(high - low + 1, 0)


def _field(axes: _Axes) -> ReceptiveField:
    return ReceptiveField(tuple([axis.largest for axis in axes]), all(axis.exact for axis in axes))
