"""Every op as ONNX operators: a writer for each, by the op's name."""

from collections.abc import Callable, Mapping

from sepconv_cli.export.onnx_graph import NodeWriting
from sepconv_cli.export.onnx_nodes.activations import ACTIVATION_WRITERS
from sepconv_cli.export.onnx_nodes.layers import LAYER_WRITERS
from sepconv_cli.export.onnx_nodes.merges import MERGE_WRITERS
from sepconv_cli.export.onnx_nodes.norms import NORM_WRITERS
from sepconv_cli.export.onnx_nodes.pools import POOL_WRITERS
from sepconv_cli.export.onnx_nodes.recurrent import RECURRENT_WRITERS
from sepconv_cli.export.onnx_nodes.resizing import RESIZING_WRITERS
from sepconv_cli.export.onnx_nodes.shapes import SHAPE_WRITERS
from sepconv_cli.export.onnx_nodes.sources import SOURCE_WRITERS

WRITERS: Mapping[str, Callable[[NodeWriting], str]] = {
    **LAYER_WRITERS,
    **NORM_WRITERS,
    **ACTIVATION_WRITERS,
    **MERGE_WRITERS,
    **POOL_WRITERS,
    **RESIZING_WRITERS,
    **SHAPE_WRITERS,
    **SOURCE_WRITERS,
    **RECURRENT_WRITERS,
}
"""Each hands on the name of the tensor that leaves the op."""
