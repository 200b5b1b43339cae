"""A network as an ONNX file for as long as a runtime reads it, and numbers for its inputs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sepconv_cli.export.request import ExportRequest
from sepconv_cli.export.write import write_network
from sepconv_cli.network import Network

if TYPE_CHECKING:
    from sepconv_cli.export.weights import TensorValues


@contextmanager
def as_onnx(network: Network, batch: int) -> Iterator[Path]:
    """The network with random weights and a batch of that size."""
    with TemporaryDirectory(prefix="sepconv-") as folder:
        file = Path(folder) / "network.onnx"
        write_network(network, file, ExportRequest(name="network", batch=batch))
        yield file


def input_values(shape: tuple[int, ...], whole: bool) -> "TensorValues":
    """Values for an input; zeros where they are indices."""
    import numpy as np

    if whole:
        return np.zeros(shape, np.int64)
    return np.random.default_rng(0).standard_normal(shape, np.float32)
