"""One network of timm or torchvision, imported and held to other counters: a line of JSON each.

Run by importing.py: it reads lines `source name` and writes what it found. torch's own counter
runs on the original without memory for weights; fvcore runs on real ones, where they are few.
"""

import contextlib
import importlib
import json
import os
import resource
import sys
import time
from collections import Counter
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

from sepconv_cli import from_torch
from sepconv_cli.importing.passes.record import record_calls
from sepconv_cli.lowering.lower import lower
from sepconv_cli.trace.count import fvcore_counts

GIBIBYTE = 2**30


def operators() -> None:
    """Define torchvision's two operators where its own library doesn't load beside this torch."""
    try:
        importlib.import_module("torchvision")
    except RuntimeError:
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        library: Any = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        KEPT.append(library)
    except ImportError:
        pass


KEPT: list[Any] = []
"""A library's operators last as long as it does."""


def built(source: str, name: str) -> tuple[nn.Module, tuple[int, ...]]:
    """A network and the shape that it reads."""
    module = importlib.import_module(source)
    if source == "timm":
        model = module.create_model(name)
        return model, tuple(model.default_cfg["input_size"])
    package = module.models
    builder = package.get_model_builder(name)
    options: dict[str, Any] = {"weights": None}
    kind = builder.__module__.split(".")[2]
    if kind in ("detection", "segmentation"):
        options["weights_backbone"] = None
    if name in ("googlenet", "inception_v3"):
        options["init_weights"] = False
    side = {"inception_v3": 299, "vit_h_14": 224}.get(name, 224)
    shape = (3, 16, 112, 112) if kind == "video" else (3, side, side)
    if kind == "video" and name.startswith(("mvit", "swin3d")):
        shape = (3, 16, 224, 224)
    return package.get_model(name, **options), shape


class Uninitialised(TorchFunctionMode):
    """While this is on, no random numbers are drawn into weights."""

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if function.__name__ in ("normal_", "uniform_", "erfinv_", "trunc_normal_"):
            return (*args, *(kwargs or {}).values())[0]
        return function(*args, **(kwargs or {}))


def measured(source: str, name: str, most_for_fvcore: int) -> dict[str, Any]:
    """What was found of a network: seconds, counts, and where it failed."""
    found: dict[str, Any] = {"source": source, "name": name}
    start = time.perf_counter()
    with torch.device("meta"):
        model, shape = built(source, name)
    model.eval()
    found |= {"build": time.perf_counter() - start, "input": shape}
    found["family"] = type(model).__module__
    found["convolutions"] = sum("Conv" in type(each).__name__ for each in model.modules())
    found["parameters"] = sum(parameter.numel() for parameter in model.parameters())
    found["pass"] = _pass(model, shape)
    start = time.perf_counter()
    imported = from_torch(model, shape)
    found["import"] = time.perf_counter() - start
    found |= {"lines": imported.text.count("\n"), "opaque": imported.opaque}
    found["proofs"] = imported.proofs
    found["unread"] = list(getattr(imported, "unread", ()))
    network = lower(imported.spec)
    found["our_parameters"] = sum(node.op.parameters(node.x) for node in network.nodes)
    traced: Counter[str] = Counter()
    for node in fvcore_counts(network):
        traced.update(node.operators)
    found["our_operators"] = traced
    found |= _products_of_torch(model.requires_grad_(False), shape)
    if found["parameters"] <= most_for_fvcore:
        found |= _fvcore(source, name, shape)
    return found


def _pass(model: nn.Module, shape: tuple[int, ...]) -> float:
    """Seconds of one forward pass without memory, watched as an import watches it."""
    start = time.perf_counter()
    record_calls(model, torch.empty(1, *shape, device="meta"))
    return time.perf_counter() - start


def _products_of_torch(model: nn.Module, shape: tuple[int, ...]) -> dict[str, dict[str, int]]:
    """Multiply-adds of convolutions and of products of matrices, by torch's own counter.

    What a second sample adds is a sample's; the rest depends on no input, and runs once for all.
    """
    one, two = (_counted_by_torch(model, (samples, *shape)) for samples in (1, 2))
    each = {kind: two[kind] - one[kind] for kind in one}
    return {"torch_products": each, "of_constants": {kind: one[kind] - each[kind] for kind in one}}


def _counted_by_torch(model: nn.Module, shape: tuple[int, ...]) -> dict[str, int]:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(torch.empty(shape, device="meta"))
    found = {"conv": 0, "products": 0}
    for operator, flops in counter.get_flop_counts().get("Global", {}).items():
        found["conv" if "conv" in str(operator) else "products"] += flops // 2
    return found


def _fvcore(source: str, name: str, shape: tuple[int, ...]) -> dict[str, Any]:
    """fvcore's operators on the original: an empty batch where it can, or one sample."""
    from fvcore.nn import FlopCountAnalysis
    from fvcore.nn.flop_count import _DEFAULT_SUPPORTED_OPS

    from sepconv_cli.trace.count import _with_one_sample

    with Uninitialised():
        model, _ = built(source, name)
    model.eval()
    for samples in (0, 1):
        analysis = FlopCountAnalysis(model, torch.zeros(samples, *shape))
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        if not samples:
            handles = {each: _with_one_sample(of) for each, of in _DEFAULT_SUPPORTED_OPS.items()}
            analysis.set_op_handle(**handles)
        try:
            counts = analysis.by_operator()
        except Exception as error:
            failure = _reason(error)
            continue
        unseen = sorted(analysis.unsupported_ops())
        return {"fvcore": {each: int(n) for each, n in counts.items()}, "fvcore_unseen": unseen}
    return {"fvcore_failure": failure}


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"


def main() -> None:
    most, gibibytes = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (gibibytes * GIBIBYTE, gibibytes * GIBIBYTE))
    # What the networks print must not come between the lines.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    torch.set_num_threads(1)
    operators()
    for line in sys.stdin:
        source, name = line.split()
        try:
            with contextlib.redirect_stdout(sys.stderr):
                found = measured(source, name, most)
        except Exception as error:
            found = {"source": source, "name": name, "failure": _reason(error)}
            found |= {"family": _family(source, name)}
        answers.write(json.dumps(found) + "\n")
        answers.flush()


def _family(source: str, name: str) -> str:
    with contextlib.suppress(Exception), torch.device("meta"):
        return type(built(source, name)[0]).__module__
    return ""


if __name__ == "__main__":
    main()
