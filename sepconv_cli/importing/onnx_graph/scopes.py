"""The modules that a node stands in, from what its exporter wrote down.

torch.onnx.export(dynamo=True) writes the modules' names and classes as metadata, the older exporter
of torch and TensorFlow's the names alone, into the node's. Other files have no modules.
"""

import re
from collections.abc import Sequence

import onnx

from sepconv_cli.importing.nesting import Scopes, nested
from sepconv_cli.importing.tape import Weight

_SCOPES = "pkg.torch.onnx.name_scopes"
_CLASSES = "pkg.torch.onnx.class_hierarchy"
_OWN = ".weight"
_QUOTED = re.compile("'([^']*)'")


def scopes(node: onnx.NodeProto, weights: Sequence[Weight] = ()) -> Scopes:
    """The modules of a node whose own weights these are.

    A batch norm that an exporter folded into its convolution leaves a node with the batch norm's
    scope; the convolution's is in the name of its weight.
    """
    written = {entry.key: entry.value for entry in node.metadata_props}
    names = written_list(written.get(_SCOPES, ""))[:-1]
    if names:
        paths, classes = _named(names, written_list(written.get(_CLASSES, "")))
    else:
        paths = _of_node(node.name)
        classes = [""] * len(paths)
    return nested(*_of_weights(paths, classes, weights))


def written_list(text: str) -> list[str]:
    """The words of a list as Python prints it: ['layer1', 'layer1.0']."""
    return _QUOTED.findall(text) if text.startswith("[") else []


def _named(names: list[str], classes: list[str]) -> tuple[list[str], list[str]]:
    """Every module's whole name but that of the model, and the name of its class."""
    kinds = [each.rpartition(".")[2] for each in classes[: len(names)]]
    kinds = [each if each.isidentifier() and each.isascii() else "" for each in kinds]
    kinds += [""] * (len(names) - len(kinds))
    pairs = [pair for pair in zip(names, kinds, strict=True) if pair[0]]
    return [name for name, _ in pairs], [kind for _, kind in pairs]


def _of_node(name: str) -> list[str]:
    """The modules in a node's name: /layer1/layer1.0/conv1/Conv."""
    found: list[str] = []
    around = last = ""
    for part in name.strip("/").split("/")[:-1]:
        # The modules of a list are called by the list's name and theirs.
        if not (last and part.startswith(f"{last}.")):
            around = found[-1] if found else ""
        found.append(f"{around}.{part}" if around else part)
        last = part
    return found


def _of_weights(
    paths: list[str], classes: list[str], weights: Sequence[Weight]
) -> tuple[list[str], list[str]]:
    owner = next((each.name.removesuffix(_OWN) for each in weights if each.name.endswith(_OWN)), "")
    siblings = paths and owner.rpartition(".")[0] == paths[-1].rpartition(".")[0]
    if not siblings or owner == paths[-1] or not owner:
        return paths, classes
    return [*paths[:-1], owner], [*classes[:-1], ""]
