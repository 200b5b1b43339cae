"""One network of timm or torchvision, imported and held to other counters: a line of JSON each.

Run by importing.py: it reads lines `source name` and writes what it found. The import and torch's
own counter see the original without memory for weights; the costly proofs build small ones.
"""

import contextlib
import importlib
import json
import os
import resource
import sys
import time
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.boxes import define_operators
from sepconv_cli import from_torch
from sepconv_cli.errors import UsageError
from sepconv_cli.importing.imported import Imported
from sepconv_cli.importing.passes.modules import on_device
from sepconv_cli.importing.proofs.multiplications import multiplied
from sepconv_cli.lowering.lower import lower

GIBIBYTE = 2**30
Shapes = tuple[Any, ...]
"""The shape of one sample, or a tuple of these for several inputs."""


def built(source: str, name: str) -> tuple[nn.Module, Shapes]:
    """A network and the shape that it reads."""
    module = importlib.import_module(source)
    if source == "timm":
        model = module.create_model(name)
        return model.eval(), tuple(model.default_cfg["input_size"])
    models = module.models
    builder = models.get_model_builder(name)
    kind = builder.__module__.split(".")[2]
    options: dict[str, Any] = {"weights": None}
    if kind in ("detection", "segmentation"):
        options["weights_backbone"] = None
    if name in ("googlenet", "inception_v3"):
        options["init_weights"] = False
    return models.get_model(name, **options).eval(), _shape(kind, name)


def _shape(kind: str, name: str) -> Shapes:
    """What a network of torchvision is run on."""
    if kind == "video":
        side = 224 if name.startswith(("mvit", "swin3d", "s3d")) else 112
        return (3, 16, side, side)
    if kind == "optical_flow":
        return ((3, 128, 128), (3, 128, 128))
    side = 320 if kind == "detection" else 299 if name == "inception_v3" else 224
    return (3, side, side)


def on_meta(source: str, name: str) -> tuple[nn.Module, Shapes]:
    """The same without memory; some networks can't be built so, and lose theirs."""
    try:
        with torch.device("meta"):
            return built(source, name)
    except (NotImplementedError, RuntimeError):
        with Uninitialised():
            model, shape = built(source, name)
        return model.to("meta"), shape


class Uninitialised(TorchFunctionMode):
    """While this is on, no random numbers are drawn into weights."""

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if function.__name__ in ("normal_", "uniform_", "erfinv_", "trunc_normal_"):
            return (*args, *(kwargs or {}).values())[0]
        return function(*args, **(kwargs or {}))


def measured(source: str, name: str, most_verified: int) -> dict[str, Any]:
    """What was found of a network: seconds, counts, proofs."""
    start = time.perf_counter()
    model, shape = on_meta(source, name)
    found: dict[str, Any] = {"source": source, "name": name, "input": shape}
    found["build"] = time.perf_counter() - start
    found["family"] = type(model).__module__
    found["parameters"] = sum(parameter.numel() for parameter in model.parameters())
    start = time.perf_counter()
    device, imported = _imported(model, shape)
    found |= {"import": time.perf_counter() - start, "device": device}
    found |= _described(model, imported)
    if found["parameters"] <= most_verified:
        found |= _verified(source, name, shape, model)
    # Last, since it leaves the parameters without gradients.
    found["torch_multiplications"] = _of_a_sample(
        on_device(model, device), shape, found["our_multiplications"]
    )
    return found


def _imported(model: nn.Module, shape: Shapes) -> tuple[str | None, Imported]:
    """The import, and the device that it takes: the processor where values decide what is done."""
    try:
        return None, from_torch(model, shape)
    except UsageError as error:
        if "device cpu" not in str(error):
            raise
    return "cpu", from_torch(model, shape, device="cpu")


def _described(model: nn.Module, imported: Imported) -> dict[str, Any]:
    network = lower(imported.spec)
    sizes = {name: parameter.numel() for name, parameter in model.named_parameters()}
    return {
        "lines": imported.text.count("\n"),
        "opaque": [[each.function, each.layers] for each in imported.opaque],
        "unread": sum(sizes[name] for name in imported.unread),
        "our_parameters": sum(node.own_parameters for node in network.nodes),
        "our_multiplications": sum(map(multiplied, network.nodes)),
        "proofs": _proofs(imported),
    }


def _proofs(imported: Imported) -> dict[str, Any]:
    return {each.subject: [each.holds, each.line, each.difference] for each in imported.proven}


def _of_a_sample(model: nn.Module, shape: Shapes, ours: int) -> int | None:
    """Multiplications by torch's own counter: what a second sample adds.

    What depends on no input runs once for all. None where the counter fails.
    """
    try:
        two = _counted_by_torch(model, shape, 2)
        return ours if two == 2 * ours else two - _counted_by_torch(model, shape, 1)
    except Exception:
        return None


def _counted_by_torch(model: nn.Module, shape: Shapes, samples: int) -> int:
    device = next(model.parameters()).device
    shapes = shape if isinstance(shape[0], tuple) else (shape,)
    given = [torch.zeros(samples, *each, device=device) for each in shapes]
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model.requires_grad_(False)(*given)
    return int(counter.get_total_flops() // 2)


def _verified(source: str, name: str, shape: Shapes, model: nn.Module) -> dict[str, Any]:
    """The costly proofs, on random weights: fvcore's operators and the outputs.

    A network whose buffers are worked out when it is built is built again, with memory.
    """
    start = time.perf_counter()
    try:
        proofs = _proofs(from_torch(model, shape, verify=True))
        if proofs["outputs"][0] is None or proofs["operators"][0] is None:
            proofs = _proofs(from_torch(built(source, name)[0], shape, verify=True))
    except UsageError:
        try:
            proofs = _proofs(from_torch(built(source, name)[0], shape, verify=True))
        except Exception as error:
            return {"verify_failure": _reason(error)}
    except Exception as error:
        return {"verify_failure": _reason(error)}
    return {"proofs": proofs, "verify": time.perf_counter() - start}


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
    define_operators()
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
