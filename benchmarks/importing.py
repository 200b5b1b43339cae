"""Networks of timm and torchvision by name, imported: `python -m benchmarks importing`.

Prints how many import, how many are the same in parameters and in multiply-adds, and each failure
with its reason. `--json FILE` keeps what was found, and goes on where it was stopped.
"""

import argparse
import importlib.util
import json
import os
import re
import selectors
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

# Pure transformers and mixers, by timm's files; all other files hold networks that convolve.
TRANSFORMERS = frozenset(
    {
        *("crossvit", "deepseek_vit", "gemma4_vit", "hiera", "hieradet_sam2", "naflexvit"),
        *("qwen3_vit", "sequencer", "swin_transformer_v2", "swin_transformer_v2_cr"),
        "vision_transformer_relpos",
    }
)
# timm's files of which a few networks stand for all: vision transformers that differ in size.
NAMED = ("vit_", "deit", "swin_", "beit", "cait_", "eva", "mixer_")
LIST = """
import sys, json, importlib
from benchmarks.boxes import define_operators
define_operators()
if sys.argv[1] == "timm":
    from timm.models import _registry as registry
    import timm
    print(json.dumps({name: registry._model_to_module[name] for name in timm.list_models()}))
else:
    models = importlib.import_module("torchvision").models
    kinds = {name: models.get_model_builder(name).__module__ for name in models.list_models()}
    print(json.dumps({name: kind for name, kind in kinds.items() if "quantization" not in kind}))
"""


def networks(source: str) -> list[tuple[str, str, str]]:
    """The source, name and file of each network, without a few families that don't convolve."""
    run = subprocess.run(
        [sys.executable, "-c", LIST, source], capture_output=True, text=True, check=True
    )
    modules: dict[str, str] = json.loads(run.stdout.splitlines()[-1])
    return [
        (source, name, module)
        for name, module in modules.items()
        if module not in TRANSFORMERS and (module != "vision_transformer" or name.startswith(NAMED))
    ]


def in_turn(found: Sequence[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """One network of each file, all others of torchvision, then the second of each file, ..."""
    turns: Counter[tuple[str, str]] = Counter()
    ranked = []
    for source, name, module in found:
        turn = turns[source, module]
        turns[source, module] += 1
        ranked.append((turn > 0, turn if source == "timm" else 0, source, name))
    return [(source, name) for *_, source, name in sorted(ranked, key=lambda each: each[:2])]


class Worker:
    """A process that measures one network after the other; a new one where it died or hung."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.process: subprocess.Popen[str] | None = None

    def measured(self, network: tuple[str, str]) -> dict[str, Any]:
        """What import_one.py found of a network, within the limits of seconds and memory."""
        process = self.process = self.process or self._started()
        assert process.stdin
        assert process.stdout
        process.stdin.write(" ".join(network) + "\n")
        process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            answers = selector.select(self.options.seconds)
        line = process.stdout.readline() if answers else ""
        if line:
            found: dict[str, Any] = json.loads(line)
            return found
        self.stop()
        ended = f"ended by itself with {process.returncode}"
        reason = ended if answers else f"took over {self.options.seconds} s"
        return {"source": network[0], "name": network[1], "failure": reason}

    def _started(self) -> "subprocess.Popen[str]":
        limits = (str(self.options.verify), str(self.options.gibibytes))
        return subprocess.Popen(
            [sys.executable, "-m", "benchmarks.import_one", *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def stop(self) -> None:
        """End the process, if there is one."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


def sweep(
    wanted: Sequence[tuple[str, str]], options: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    """Each network measured, by so many processes at once."""

    def share(number: int) -> list[dict[str, Any]]:
        worker = Worker(options)
        found = []
        for network in wanted[number :: options.processes]:
            found.append(worker.measured(network))
            _keep(options.json, found[-1])
        worker.stop()
        return found

    with ThreadPoolExecutor(options.processes) as pool:
        for found in pool.map(share, range(options.processes)):
            yield from found


def _keep(path: Path | None, found: dict[str, Any]) -> None:
    problem = problems(found)
    print("." if not problem else f"\n{found['name']}: {problem[0]}", end="", flush=True)
    if path:
        with path.open("a") as lines:
            lines.write(json.dumps(found) + "\n")


def problems(found: dict[str, Any]) -> list[str]:
    """What is wrong with an import, the worst first; empty where it is exact."""
    if "failure" in found:
        return [found["failure"]]
    reasons = []
    if found["opaque"]:
        functions = sorted({function for function, _ in found["opaque"]})
        reasons.append(f"opaque: {', '.join(functions)}")
    if not _has_parameters(found):
        more = found["our_parameters"] + found["unread"] - found["parameters"]
        reasons.append(f"{more:+,} parameters: {_said(found, 'parameters')}")
    if not _multiplies(found):
        reasons.append(f"MACs not torch's counter's: {_said(found, 'multiplications')}")
    if "verify_failure" in found:
        reasons.append(f"verify: {found['verify_failure']}")
    asked = [subject for subject in ("operators", "outputs") if subject in found["proofs"]]
    return reasons + [_said(found, each) for each in asked if not _holds(found, each)]


def _has_parameters(found: dict[str, Any]) -> bool:
    return bool(found["our_parameters"] + found["unread"] == found["parameters"])


def _multiplies(found: dict[str, Any]) -> bool:
    """By the counter's total, or call by call but for what it doesn't see."""
    total = found["our_multiplications"] == found["torch_multiplications"]
    return total or _holds(found, "multiplications") is True


def _holds(found: dict[str, Any], subject: str) -> Any:
    return found["proofs"].get(subject, [None])[0]


def _said(found: dict[str, Any], subject: str) -> str:
    return str(found["proofs"].get(subject, [None, "no proof"])[1])


def report(all_found: Sequence[dict[str, Any]], console: Console) -> None:
    """A table of counts, and the failures by reason."""
    came = [found for found in all_found if "failure" not in found]
    table = Table("networks", "number", "share", title="imports")

    def row(what: str, number: int, of: int) -> None:
        table.add_row(what, f"{number:,}", f"{number / of:.2%}" if of else "-")

    row("tried", len(all_found), len(all_found))
    row("imported", len(came), len(all_found))
    row("without opaque functions", sum(not found["opaque"] for found in came), len(came))
    row("equal parameters", sum(map(_has_parameters, came)), len(came))
    row("of these some that no call reads", sum(bool(f["unread"]) for f in came), len(came))
    row("MACs equal to torch's counter's", sum(map(_multiplies, came)), len(came))
    _row_of_totals(row, came)
    tried = [found for found in came if "verify" in found or "verify_failure" in found]
    row("verified, of all that imported", len(tried), len(came))
    for subject, what in (("operators", "fvcore's operators equal"), ("outputs", "outputs equal")):
        row(what, sum(_holds(found, subject) is True for found in tried), len(tried))
    row("verified, with a difference", sum("verify_failure" in f for f in tried), len(tried))
    row("exact in all that was asked", sum(not problems(f) for f in all_found), len(all_found))
    console.print(table)
    _print_medians(came, console)
    reasons: dict[str, list[str]] = defaultdict(list)
    for found in all_found:
        for reason in problems(found):
            reasons[re.sub(r"[\d,]{2,}", "N", reason)].append(found["name"])
    for reason, those in sorted(reasons.items(), key=lambda item: -len(item[1])):
        console.print(f"{len(those)}  {reason}\n    {', '.join(sorted(those))}", highlight=False)


def _row_of_totals(row: Callable[[str, int, int], None], came: Sequence[dict[str, Any]]) -> None:
    counted = [found for found in came if found["torch_multiplications"] is not None]
    same = sum(f["our_multiplications"] == f["torch_multiplications"] for f in counted)
    row("of those that it counts, in total too", same, len(counted))


def _print_medians(came: Sequence[dict[str, Any]], console: Console) -> None:
    if not came:
        return
    apart = [n for found in came if (n := found["proofs"].get("outputs", [0, 0, None])[2])]
    console.print(
        f"import {median(found['import'] for found in came):.2f} s, "
        f"{median(found['lines'] for found in came):.0f} lines (medians); "
        f"largest difference of outputs {max(apart, default=0.0):.1e}"
    )


def main(arguments: Sequence[str]) -> None:
    """Run over the networks that are asked for."""
    parser = argparse.ArgumentParser("python -m benchmarks importing", description=__doc__)
    parser.add_argument("--only", default="", help="a regular expression that names hold")
    parser.add_argument("--names", nargs="*", help="these networks alone")
    parser.add_argument("--source", choices=("timm", "torchvision"))
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=120, help="the most for one network")
    parser.add_argument("--gibibytes", type=int, default=12, help="the most memory for one")
    parser.add_argument(
        "--verify", type=int, default=0, help="parameters up to which fvcore and outputs are asked"
    )
    parser.add_argument("--json", type=Path, help="one line for each network found so far")
    options = parser.parse_args(arguments)
    sources = [options.source] if options.source else ["timm", "torchvision"]
    missing = [source for source in sources if importlib.util.find_spec(source) is None]
    if missing:
        parser.exit(2, f"install what is missing: pip install --no-deps {' '.join(missing)}\n")
    wanted = in_turn([network for source in sources for network in networks(source)])
    wanted = [each for each in wanted if re.search(options.only, each[1])]
    if options.names is not None:
        wanted = [each for each in wanted if each[1] in options.names]
    found = _found_before(options.json)
    known = {(each["source"], each["name"]) for each in found}
    found += sweep([each for each in wanted if each not in known], options)
    asked = set(wanted)
    report([each for each in found if (each["source"], each["name"]) in asked], Console(width=140))


def _found_before(path: Path | None) -> list[dict[str, Any]]:
    if path is None or not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]
