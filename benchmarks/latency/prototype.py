"""The formula that was tried first, beside which the program's own is shown.

13 numbers for a device: four speeds of arithmetic, two of narrow channels, six of memory, one
overhead. Fitted by least squares of the log error with derivatives by differences.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sepconv_cli.latency.fit import TimedNetwork, WorkRows, rows_of
from sepconv_cli.latency.work import Workload

Floats = NDArray[np.float64]
_Kinds = tuple[NDArray[np.intp], NDArray[np.intp]]

_ARITHMETIC = {"dense": 0, "depthwise": 2, "grouped": 3}
_PRODUCTS = {"dense": 7, "point": 8, "linear": 8, "matmul": 8, "attention": 8}
_MEMORY = {**_PRODUCTS, "depthwise": 9, "grouped": 10}
_ELEMENTWISE = dict.fromkeys(("batch_norm", "norm", "elementwise", "curve", "merge"), 11)
_START = np.log([1e-14, 1e-14, 1e-12, 1e-12, 16, 16, 5e-6, *[4e-12] * 6])


class Prototype:
    """Its numbers for a device, drawn from measurements."""

    def __init__(self, measured: Sequence[TimedNetwork]) -> None:
        rows, kinds = rows_of(measured), _kinds(measured)
        truth = np.log([each.seconds for each in measured])

        def residuals(logs: Floats) -> Floats:
            return np.log(_seconds(logs, rows, kinds)) - truth

        def loss(logs: Floats) -> float:
            # Soft l1 beyond a tenth, and a weak pull to where it starts.
            errors = np.sqrt(1 + (residuals(logs) / 0.1) ** 2) - 1
            return float(0.02 * errors.sum() + (0.03**2 * (logs - _START) ** 2).sum())

        logs, damping = _START.copy(), 1e-2
        least = loss(logs)
        for _ in range(300):
            error = residuals(logs)
            steps = np.eye(len(logs)) * 1e-4
            slopes = np.stack([(residuals(logs + step) - error) / 1e-4 for step in steps], axis=1)
            weighed = slopes / np.sqrt(1 + (error / 0.1) ** 2)[:, None]
            curvature = weighed.T @ slopes + np.eye(len(logs)) * 0.03**2
            downhill = weighed.T @ error + 0.03**2 * (logs - _START)
            damped = curvature + damping * np.diag(np.diag(curvature))
            step = np.clip(np.linalg.solve(damped, -downhill), -1.5, 1.5)
            found = loss(logs + step)
            if found >= least:
                damping *= 5
                if damping > 1e9:
                    break
                continue
            gained, least = least - found, found
            logs, damping = logs + step, max(damping / 4, 1e-7)
            if gained < 1e-6 * least:
                break
        self.logs = logs

    def predicted(self, measured: Sequence[TimedNetwork]) -> Floats:
        """Seconds of each network."""
        return _seconds(self.logs, rows_of(measured), _kinds(measured))


def _works(measured: Sequence[TimedNetwork]) -> list[Workload]:
    return [work for each in measured for work, _ in each.works]


def _kinds(measured: Sequence[TimedNetwork]) -> _Kinds:
    works = _works(measured)
    arithmetic = np.array([_ARITHMETIC.get(work.kind, 1) for work in works])
    memory = {**_MEMORY, **_ELEMENTWISE}
    return arithmetic, np.array([memory.get(work.kind, 12) for work in works])


def _seconds(logs: Floats, rows: WorkRows, kinds: _Kinds) -> Floats:
    value, number = np.exp(logs), rows.numbers
    arithmetic = number["macs"] * rows.samples * value[kinds[0]]
    narrow = (1 + value[4] / number["inner"]) * (1 + value[5] / number["outer"])
    arithmetic = arithmetic * np.where(kinds[0] == 2, 1, narrow)
    memory = number["elements"] * rows.samples + number["weights"]
    memory = memory * value[kinds[1]]
    times = (arithmetic**4 + memory**4) ** 0.25 + value[6]
    return np.bincount(rows.of, times * rows.many, rows.networks).astype(float)
