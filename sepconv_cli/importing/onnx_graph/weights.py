"""Which constants of a graph are a model's parameters.

ONNX doesn't say. torch.onnx.export(dynamo=True) writes down what was a parameter and what a buffer,
and the names of what it folded. Elsewhere a weight is every initializer of floating-point numbers
but a single one.
"""

import re
from math import prod

import onnx

from sepconv_cli.importing.onnx_graph.scopes import written_list
from sepconv_cli.importing.tape import Weight

_KIND = "pkg.torch.export.graph_signature.InputSpec.kind"
_FOLDED = "pkg.onnxscript.optimizer.folded_from"
_WORKED_OUT = "val_"
_LIKE_A_PARAMETER = re.compile("token|embed|scale|gamma|weight|bias|quer")
# A tensor that a module makes of numbers while it runs.
_LIFTED = "lifted_tensor"
_TAKEN_OUT = "__SHAPE"

_T = onnx.TensorProto
_NO_WEIGHTS = frozenset({_T.INT8, _T.INT16, _T.INT32, _T.INT64, _T.UINT8, _T.UINT16, _T.UINT32,
                         _T.UINT64, _T.BOOL, _T.STRING})  # fmt: skip


class Initializers:
    """Tells weights from other constants by what a model's exporter wrote down."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._about = {
            each.name: {entry.key: entry.value for entry in each.metadata_props}
            for each in model.graph.value_info
            if each.metadata_props
        }
        self._is_told = any(_KIND in each for each in self._about.values())
        self._shapes = {
            each.name for each in model.graph.initializer if each.name.endswith(_TAKEN_OUT)
        }

        # Weights of eight bits are of floating point where they are used.
        self._rounded = {
            each.input[0]
            for each in model.graph.node
            if each.op_type == "DequantizeLinear" and each.input
        }

    def weight(self, tensor: onnx.TensorProto) -> Weight:
        """An initializer."""
        return Weight(tensor.name, tuple(tensor.dims), self._learned(tensor))

    def stands_for(self, node: onnx.NodeProto) -> bool:
        """Whether a node stands for a weight whose values were taken out.

        onnx.tools.replace_constants does so: ConstantOfShape of NAME__SHAPE is the weight NAME.
        """
        return bool(
            node.op_type == "ConstantOfShape"
            and list(node.input) == [f"{node.output[0]}{_TAKEN_OUT}"]
            and node.input[0] in self._shapes
        )

    def _learned(self, tensor: onnx.TensorProto) -> bool:
        if tensor.name in self._rounded:
            return True
        if tensor.data_type in _NO_WEIGHTS:
            return False
        about = self._about.get(tensor.name, {})
        if _KIND in about:
            return bool(about[_KIND] == "PARAMETER")
        if _FOLDED in about:
            return prod(tensor.dims) > 1 and _of_weights(about[_FOLDED])
        if self._is_told and str(tensor.name).startswith(_WORKED_OUT):
            return False
        return prod(tensor.dims) > 1 or "." in str(tensor.name)


def _of_weights(text: str) -> bool:
    """Whether one of the tensors that were folded is a parameter, as far as its name tells.

    A module's parameter has the module's name in front. The model's own have none, and stand
    beside the calls that were folded, which are called view, new_zeros or permute_1.
    """
    names = [name for name in written_list(text) if _LIFTED not in name]
    return any("." in name or _LIKE_A_PARAMETER.search(name) for name in names)
