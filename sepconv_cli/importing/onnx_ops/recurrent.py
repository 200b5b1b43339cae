"""Recurrent layers."""

from sepconv_cli.importing.onnx_ops._node import Node

READERS: dict[str, tuple[tuple[str, ...], object]] = {}
