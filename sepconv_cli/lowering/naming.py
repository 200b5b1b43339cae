"""Names for the layers of a list, no two of them alike."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count


def numbered(bases: Sequence[str], repeats: Sequence[int]) -> list[list[str]]:
    """A name for each instance of each layer: `conv` alone, else `conv_1`, `conv_2`.

    A number that would make the name of another layer is passed over. A name that is itself a
    number counts up: `0` three times is `0`, `1`, `2`, as torch names the modules of a list.
    """
    if len(set(bases)) == len(bases) and set(repeats) <= {1}:
        return [[base] for base in bases]
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
        free = (name for name in _numbers(base, numbers[base]) if name not in taken)
        names.append([next(free) for _ in range(repeat)])
        taken.update(names[-1])
    return names


def _numbers(base: str, numbers: Iterator[int]) -> Iterator[str]:
    """The names that a layer's instances may have, in order."""
    is_number = len(base) < 10 and base.isascii() and base.isdecimal() and base == str(int(base))
    return (str(int(base) + n - 1) if is_number else f"{base}_{n}" for n in numbers)
