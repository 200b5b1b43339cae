"""Names for the layers of a list, no two of them alike."""

from collections import Counter
from collections.abc import Sequence
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
        free = (each for n in numbers[base] if (each := _name(base, n)) not in taken)
        names.append([next(free) for _ in range(repeat)])
        taken.update(names[-1])
    return names


def _name(base: str, number: int) -> str:
    return str(int(base) + number - 1) if base.isdecimal() else f"{base}_{number}"
