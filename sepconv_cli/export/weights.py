"""The numbers of a network's tensors, where nobody has trained it."""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any
from zlib import crc32

import numpy as np

from sepconv_cli.export.request import WeightsName

TensorValues = np.ndarray[Any, Any]
WeightValues = Callable[[str, tuple[int, ...]], TensorValues]
"""The values of the tensor of that name and shape, as float32."""


def zero_weights(name: str, shape: tuple[int, ...]) -> TensorValues:
    """Zeros; a variance is 1."""
    fill = 1 if name.endswith("running_var") else 0
    return np.full(shape, fill, np.float32)


def random_weights(name: str, shape: tuple[int, ...]) -> TensorValues:
    """The same for the same name; so that what goes through many layers stays of one size.

    Normal with a variance of 1 / fan-in (LeCun et al. 1998, "Efficient BackProp", equation 16);
    scales and variances around 1.
    """
    drawn = np.random.default_rng(crc32(name.encode()))
    tensor = name.rpartition(".")[2]
    if tensor == "running_var" or (tensor == "weight" and len(shape) == 1):
        return drawn.uniform(0.5, 1.5, shape).astype(np.float32)
    spread = prod(shape[1:]) ** -0.5 if len(shape) > 1 else 0.1
    return (drawn.standard_normal(shape, np.float32) * np.float32(spread)).astype(np.float32)


WEIGHTS: Mapping[WeightsName, WeightValues] = {"random": random_weights, "zeros": zero_weights}
