"""The modules that a node stands in, as torch.export writes them down: key,name,class;..."""

import re

from sepconv_cli.importing.nesting import Scopes, nested
from sepconv_cli.importing.pt2_graph.program import ProgramNode

_INDEX = re.compile(r"""\[['"]?([^\]'"]*)['"]?\]""")


def node_scopes(node: ProgramNode) -> Scopes:
    """The modules that a node stands in: name, whole name, class; and so on."""
    written = str(node.metadata.get("nn_module_stack") or "")
    paths, classes = [], []
    for each in written.split(";") if written else ():
        _, path, kind = (*_parted(each), "", "")[:3]
        # A module that is called again has a number behind its name.
        path = _whole_name(path.partition("@")[0])
        if path:
            paths.append(path)
            classes.append(kind.rpartition(".")[2])
    return nested(paths, classes)


def _whole_name(path: str) -> str:
    """layer1.0.conv1, also where it is written as L['self'].layer1['0'].conv1."""
    plain = _INDEX.sub(r".\1", path.removeprefix("L['self']")).removeprefix(".")
    return plain.replace("_modules.", "")


def _parted(text: str) -> list[str]:
    """At commas outside brackets."""
    found, depth = [""], 0
    for each in text:
        depth += (each in "([") - (each in ")]")
        if each == "," and not depth:
            found.append("")
        else:
            found[-1] += each
    return found
