"""What is usual on devices: the numbers of those that are known, as a prior for one more.

Ten networks can't tell forty numbers apart. Known devices say which of them go together: how far
their logarithms scatter, and in which directions. How fast the device is as a whole is left open:
all its arithmetic, all its memory or all its overheads may be faster or slower together.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from sepconv_cli.errors import UsageError
from sepconv_cli.latency.formula import COEFFICIENTS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Coefficients = Mapping[str, float]

_TOGETHER = ("arithmetic.", "memory.", "overhead")
_PLAIN = {
    "arithmetic.": 1e-14,
    "arithmetic.depthwise": 1e-13,
    "arithmetic.grouped": 1e-13,
    "inner.": 16.0,
    "outer.": 16.0,
    "uneven.": 0.3,
    "extra.": 30.0,
    "memory.": 4e-12,
    "overhead": 5e-6,
    "overhead.product": 1e-6,
}
"""Round numbers of a graphics card, where no device is known: the longest beginning is taken."""


class Prior(msgspec.Struct, frozen=True):
    """Of the logarithms of the coefficients, what is usual and how they scatter together."""

    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]

    def arrays(self) -> "tuple[Floats, Floats]":
        """The mean, and the inverse of the covariance."""
        import numpy as np

        return np.array(self.mean), np.linalg.inv(np.array(self.covariance))


def plain_prior(scatter: float = 1.0, overall: float = 2.0) -> Prior:
    """What is usual where no device is known: round numbers, and little trust in them.

    Each coefficient scatters by the factor e^scatter, and the device as a whole by e^overall.
    """
    import numpy as np

    covariance = np.eye(len(COEFFICIENTS)) * scatter**2
    return _prior(np.log([_plain(name) for name in COEFFICIENTS]), covariance, overall)


def prior_over(
    alike: Sequence[Coefficients],
    known: Sequence[Coefficients] = (),
    scatter: float = 0.2,
    overall: float = 0.45,
) -> Prior:
    """What is usual on devices: the mean of those that are `alike`, the covariance of the `known`.

    Of the covariance a half is taken and the rest is `scatter`, since devices are few.
    """
    import numpy as np

    if not alike:
        raise UsageError("a prior takes a device's numbers at least")
    logs = np.log([_row(each) for each in known or alike])
    away = logs - logs.mean(axis=0)
    covariance = away.T @ away / max(len(logs) - 1, 1) / 2
    covariance += np.eye(len(COEFFICIENTS)) * scatter**2
    return _prior(np.log([_row(each) for each in alike]).mean(axis=0), covariance, overall)


def _prior(mean: Any, covariance: Any, overall: float) -> Prior:
    import numpy as np

    for beginning in _TOGETHER:
        together = np.array([float(name.startswith(beginning)) for name in COEFFICIENTS])
        covariance = covariance + np.outer(together, together) * overall**2
    return Prior(tuple(mean.tolist()), tuple(map(tuple, covariance.tolist())))


def _row(coefficients: Coefficients) -> list[float]:
    return [coefficients[name] for name in COEFFICIENTS]


def _plain(name: str) -> float:
    return _PLAIN[max((each for each in _PLAIN if name.startswith(each)), key=len)]
