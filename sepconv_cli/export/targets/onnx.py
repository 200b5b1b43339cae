"""ONNX, for onnxruntime, OpenVINO and others; written without torch."""

from pathlib import Path

from sepconv_cli.errors import UsageError
from sepconv_cli.export.request import ExportRequest
from sepconv_cli.network import Network

_LARGEST = 2**31 - 2**20
"""Bytes that a protocol buffer may have; weights of a larger model lie in a file beside it."""


def write_file(network: Network, file: Path, request: ExportRequest) -> None:
    """Write the network as an ONNX file. Raises UsageError, and OSError."""
    try:
        import onnx
        from onnx import defs
    except ImportError:
        raise UsageError(
            "writing ONNX files needs the package onnx", "python -m pip install 'sepconv[onnx]'"
        ) from None
    from sepconv_cli.export.onnx_model import OLDEST_OPSET, onnx_model
    from sepconv_cli.export.weights import WEIGHTS

    newest = defs.onnx_opset_version()
    opset = OLDEST_OPSET if request.opset is None else request.opset
    if not OLDEST_OPSET <= opset <= newest:
        raise UsageError(f"--opset {opset}: expected {OLDEST_OPSET} to {newest}")
    model = onnx_model(
        network,
        request.name,
        batch=request.batch,
        opset=opset,
        weights=WEIGHTS[request.weights],
    )
    outside = model.ByteSize() > _LARGEST
    onnx.save_model(
        model,
        file,
        save_as_external_data=outside,
        location=f"{file.name}.data" if outside else None,
    )
    onnx.checker.check_model(str(file))
