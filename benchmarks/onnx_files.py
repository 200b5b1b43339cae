"""torchvision's networks as ONNX files, beside the modules themselves: `python -m benchmarks onnx`.

Both of torch's exporters write each network in every version of ONNX's operators that they or
ONNX's own converter know. Each file must come to the parameters and multiplications of the module
that `from_torch` reads. What an exporter works out beforehand is taken off the module's parameters:
the two numbers of each channel of a batch norm become the bias of the convolution before it.
Prints every file that differs, and what it differs in. Needs torchvision.
"""

import contextlib
import importlib
import io
import logging
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import onnx
import torch
from onnx import version_converter
from torch import nn

from benchmarks.measure import paired, process
from sepconv_cli import from_torch
from sepconv_cli.errors import SpecError, UsageError
from sepconv_cli.importing.imported import Imported
from sepconv_cli.importing.onnx_file import from_onnx
from sepconv_cli.importing.onnx_graph.skeleton import skeleton
from sepconv_cli.lowering.lower import lower
from sepconv_cli.network import Network
from sepconv_cli.ops.conv import Conv

NETWORKS = ("alexnet", "resnet18", "resnet50", "resnext50_32x4d", "squeezenet1_1", "densenet121",
            "googlenet", "inception_v3", "mobilenet_v2", "mobilenet_v3_small", "mnasnet0_5",
            "shufflenet_v2_x1_0", "efficientnet_b0", "efficientnet_v2_s", "regnet_y_400mf",
            "convnext_tiny", "vit_b_16", "swin_t", "swin_v2_t", "maxvit_t")  # fmt: skip
SIZES = {"inception_v3": 299}
AUXILIARY = ("googlenet", "inception_v3")
"""Heads that only training has."""

VERSIONS = range(11, 24)
OLDER = range(11, 21)
NEWER = 18
"""The versions that each exporter writes by itself."""

OPEN = {"sizes": {0: "n", 2: "h", 3: "w"}, "batch": {0: "n"}}

TIMED = "resnet50"
RUNS = 7


class Count(NamedTuple):
    """What a network comes to. `kinds` are its parameters by op."""

    parameters: int
    multiplications: int
    kinds: Counter[str]
    opaque: tuple[str, ...] = ()


class File(NamedTuple):
    """A file, who wrote it how, and whether its batch norms are still there."""

    about: str
    path: Path
    keeps_norms: bool = False
    input: tuple[int, ...] | None = None


def module(name: str) -> nn.Module:
    """One of torchvision's networks; no two of its parameters are equal."""
    models = importlib.import_module("torchvision.models")
    options = {"init_weights": False, "aux_logits": False} if name in AUXILIARY else {}
    made: nn.Module = models.get_model(name, weights=None, **options).eval()
    torch.manual_seed(0)
    for each in (*made.parameters(), *made.buffers()):
        # The older exporter writes equal tensors once.
        if each.is_floating_point() and each.numel() < 100_000:
            each.data.uniform_(0.2, 0.9)
    return made


def with_operators() -> None:
    """What torchvision's Python files ask for, where its library doesn't load beside this torch."""
    try:
        importlib.import_module("torchvision")
    except (ImportError, RuntimeError):
        library: Any = importlib.import_module("torch.library").Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _LIBRARIES.append(library)
        for name in [each for each in sys.modules if each.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        importlib.import_module("torchvision")


# They are gone with the object.
_LIBRARIES: list[Any] = []


def counted(network: Network, opaque: tuple[str, ...] = ()) -> Count:
    kinds: Counter[str] = Counter()
    products = 0
    for node in network.nodes:
        kinds[node.op.name] += node.op.parameters(node.x)
        work = node.op.work_on(node.inputs, node.y)
        products += sum(
            each.amount for each in work if (each.kind, each.role) == ("multiply_add", "kernel")
        )
    return Count(sum(kinds.values()), products, kinds, opaque)


def without_norms(network: Network) -> int:
    """Parameters that are gone where each batch norm is part of the convolution before it."""
    gone = 0
    for at, node in enumerate(network.nodes):
        before = network.nodes[node.reads(at)[0]].op
        if node.op.name == "batch_norm" and isinstance(before, Conv):
            gone += node.x.channels * (2 if before.bias else 1)
    return gone


def by_the_older(given: nn.Module, size: int, path: Path) -> Iterator[File | str]:
    """Every file of a network that the older exporter writes, or why there is none."""
    x = (torch.zeros(1, 3, size, size),)
    export = partial(
        torch.onnx.export, given, x, str(path), dynamo=False, input_names=["x"], opset_version=17
    )
    for version in OLDER:
        write = partial(export, opset_version=version)
        yield written(f"older, version {version}", path, write)
    yield from converted("older", path, set(VERSIONS) - set(OLDER))
    sample = (3, size, size)
    for about, axes in OPEN.items():
        write = partial(export, dynamic_axes={"x": axes})
        yield written(f"older, open {about}", path, write, input=sample)
    kept = partial(export, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
    yield written("older, as in training", path, kept, keeps_norms=True)


def by_the_newer(given: nn.Module, size: int, path: Path) -> Iterator[File | str]:
    """Every file of a network that the newer exporter writes, or why there is none."""
    x = (torch.zeros(2, 3, size, size),)
    for about, axes in OPEN.items():
        dims = (dict.fromkeys(axes, torch.export.Dim.DYNAMIC),)
        made: list[torch.onnx.ONNXProgram] = []

        def export(dims: Any = dims, made: Any = made) -> None:
            options: dict[str, Any] = {"verbose": False, "optimize": False, "opset_version": NEWER}
            made.append(torch.onnx.export(given, x, dynamo=True, dynamic_shapes=dims, **options))
            made[0].save(path, external_data=True)

        def save(made: Any = made) -> None:
            made[0].optimize()
            made[0].save(path, external_data=True)

        sample = (3, size, size)
        whole = written(
            f"newer, open {about}, not optimised", path, export, keeps_norms=True, input=sample
        )
        yield whole
        if isinstance(whole, File):
            yield written(f"newer, open {about}", path, save, input=sample)
    yield from converted("newer", path, set(VERSIONS) - {NEWER})


def written(about: str, path: Path, export: Callable[[], Any], **more: Any) -> File | str:
    """What an exporter wrote, or why it didn't."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            export()
    except Exception as error:
        return f"{about}: not exported: {first_line(error)}"
    return File(about, path, **more)


def converted(about: str, path: Path, versions: set[int]) -> Iterator[File | str]:
    """The same file in other versions, by ONNX's own converter."""
    model = onnx.ModelProto.FromString(skeleton(path))
    for version in sorted(versions):
        what = f"{about}, converted to version {version}"
        other = path.with_name("converted.onnx")
        try:
            other.write_bytes(version_converter.convert_version(model, version).SerializeToString())
        except Exception as error:
            yield f"{what}: not converted: {first_line(error)}"
            continue
        yield File(what, other)


def first_line(error: Exception) -> str:
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    return lines[0][:120] if lines else type(error).__name__


def difference(found: Count, wanted: Count) -> str:
    """What a file has and the module hasn't, or the other way round; empty where they are equal."""
    rows = []
    if found.parameters != wanted.parameters:
        rows.append(f"parameters {found.parameters:,}, not {wanted.parameters:,}")
        kinds = sorted({*found.kinds, *wanted.kinds})
        rows += [
            f"{kind} {found.kinds[kind] - wanted.kinds[kind]:+,}"
            for kind in kinds
            if found.kinds[kind] != wanted.kinds[kind]
        ]
    if found.multiplications != wanted.multiplications:
        rows.append(f"multiplications {found.multiplications:,}, not {wanted.multiplications:,}")
    return "; ".join(rows)


def read(file: File) -> Imported | str:
    try:
        return from_onnx(file.path, file.input)
    except (SpecError, UsageError) as error:
        return f"not read: {error.problems[0].message}"


class Tally(NamedTuple):
    """How it went: equal, equal but with something opaque in it, different, and not written."""

    equal: Counter[str]
    opaque: Counter[str]
    different: Counter[str]
    missing: Counter[str]


def compare_all(names: tuple[str, ...], tally: Tally) -> None:
    for name in names:
        given = module(name)
        size = SIZES.get(name, 224)
        try:
            network = lower(from_torch(given, (3, size, size), name).spec)
        except (SpecError, UsageError) as error:
            tally.missing["module"] += 1
            print(f"! {name}: not read from torch: {error.problems[0].message}", flush=True)
            continue
        plain = counted(network)
        folded = plain._replace(parameters=plain.parameters - without_norms(network))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.onnx"
            for file in chain(by_the_older(given, size, path), by_the_newer(given, size, path)):
                verdict(name, file, plain, folded, tally)


def verdict(name: str, file: File | str, plain: Count, folded: Count, tally: Tally) -> None:
    about = file if isinstance(file, str) else file.about
    who = about.partition(",")[0]
    if isinstance(file, str):
        tally.missing[who] += 1
        print(f"  {name}, {file}", flush=True)
        return
    found = read(file)
    if isinstance(found, str):
        tally.different[who] += 1
        print(f"! {name}, {about}: {found}", flush=True)
        return
    count = counted(lower(found.spec), tuple(each.function for each in found.opaque))
    differs = difference(count, plain if file.keeps_norms else folded)
    tally.different[who] += bool(differs)
    tally.equal[who] += not differs and not count.opaque
    tally.opaque[who] += not differs and bool(count.opaque)
    if differs or count.opaque:
        mark = "!" if differs else " "
        nobody = f"; opaque: {', '.join(count.opaque)}" if count.opaque else ""
        print(f"{mark} {name}, {about}: {differs or 'equal'}{nobody}", flush=True)


READ = "from sepconv_cli.importing.onnx_file import from_onnx; from_onnx({path!r})"


def speed(folder: Path) -> None:
    """A file of 100 MB beside importing onnx."""
    path = folder / f"{TIMED}.onnx"
    torch.onnx.export(module(TIMED), (torch.zeros(1, 3, 224, 224),), str(path), dynamo=False)
    code, bare = READ.format(path=str(path)), "import onnx"
    ours, theirs, _ = paired(
        lambda: process(("-c", code)).seconds, lambda: process(("-c", bare)).seconds, RUNS
    )
    megabytes = path.stat().st_size / 1e6
    print(f"{path.name}, {megabytes:.0f} MB: {ours:.2f} s, {ours - theirs:.2f} s over import onnx")
    memory = [peak(each) for each in (code, bare)]
    print(f"its peak memory: {memory[0]:.0f} MiB, that of import onnx {memory[1]:.0f} MiB")


def peak(code: str) -> float:
    """MiB of peak memory, as a process itself sees it, whatever it was started from."""
    asked = f"{code}\nprint(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])"
    shown = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True)
    return int(shown.stdout) / 1024


def main(names: tuple[str, ...] = NETWORKS) -> None:
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    with_operators()
    with tempfile.TemporaryDirectory() as folder:
        speed(Path(folder))
    tally = Tally(*(Counter() for _ in Tally._fields))
    compare_all(names, tally)
    for who in ("older", "newer"):
        print(
            f"{who} exporter: {tally.equal[who]} files equal, {tally.opaque[who]} equal but for "
            f"opaque operators, {tally.different[who]} different, {tally.missing[who]} not written"
        )


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or NETWORKS)
