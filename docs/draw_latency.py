"""Draws what hangs on the devices' profiles: variants by predicted time in docs/latency.md, and
what the commands of the README's section on latency print.

Run as `python docs/draw_latency.py` when a profile has changed. A test holds the pages to what is
drawn.
"""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from sepconv_cli import load, loads
from sepconv_cli.conventions import convention
from sepconv_cli.latency.device import Device, devices
from sepconv_cli.latency.doubt import Duel, duels, standings
from sepconv_cli.latency.find import shipped_names
from sepconv_cli.lowering.choose import cases
from sepconv_cli.metrics import Amounts, Context, Scope
from sepconv_cli.network import Network
from sepconv_cli.show.table import ratio

ROOT = Path(__file__).parents[1]
PAGE, README = ROOT / "docs" / "latency.md", ROOT / "README.md"
SECTION = "## Will it be faster?\n"
PICTURE = re.compile(r"^sepconv (roofline .* -o docs/roofline\.svg)$", re.MULTILINE)
BEGIN, END = "<!-- drawn by docs/draw_latency.py -->\n", "<!-- drawn until here -->\n"
VARIANTS = ("standard", "depthwise_separable", "blueprint_u", "blueprint_s")
SHORT = {
    "depthwise_separable": "separable",
    "blueprint_u": "U",
    "blueprint_s": "S",
}


class Contestants(msgspec.Struct, frozen=True):
    """Networks by what they are called here, the one first that others are held against."""

    title: str
    about: str
    networks: dict[str, Network]


def pages() -> dict[Path, str]:
    """Every page that is drawn, as it should be."""
    return {PAGE: _tables(PAGE.read_text()), README: _readme(README.read_text())}


def _readme(text: str) -> str:
    """With what the section's commands print now."""
    before, rest = text.split(SECTION)
    section, heading, after = rest.partition("\n## ")
    with_output = re.compile(r"(```sh\nsepconv ([^\n]*)\n```\n\n```\n).*?```\n", re.DOTALL)
    drawn = with_output.sub(lambda found: f"{found[1]}{_printed(found[2])}```\n", section)
    return before + SECTION + drawn + heading + after


def _printed(command: str) -> str:
    """What a command prints, whatever devices somebody has of their own."""
    done = subprocess.run(
        [sys.executable, "-m", "sepconv_cli", *shlex.split(command)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"PATH": "", "HOME": str(ROOT / "docs"), "PYTHONPATH": str(ROOT)},
    )
    return done.stdout.rstrip("\n") + "\n" if done.stdout else ""


def _tables(text: str) -> str:
    """With the tables of every device."""
    before, rest = text.split(BEGIN)
    after = rest.partition(END)[2]
    every = [device for name in shipped_names() for device in devices([name])]
    drawn = "\n".join(_section(each, every) for each in _contestants())
    return before + BEGIN + "\n" + drawn + "\n" + END + after


def _contestants() -> Iterator[Contestants]:
    rewritten = "Every 3x3 convolution but the stem's is rewritten."
    yield Contestants("MobileNetV1", rewritten, _variants("mobilenet_v1"))
    yield Contestants("ResNet-50", rewritten, _variants("resnet", depth=50))
    about = (
        "As published it has no other standard convolution than the stem's, which the variants "
        "rewrite here. *dense* has standard convolutions where it has depthwise ones."
    )
    yield Contestants("EfficientNet-B0", about, _efficientnet())


def _variants(name: str, **settings: int) -> dict[str, Network]:
    found = cases(load(f"zoo:{name}"), [settings], VARIANTS)
    return {case.variant.name: case.network for case in found}


def _efficientnet() -> dict[str, Network]:
    """With its stem rewritten, and with dense convolutions for its depthwise ones."""
    text = load("zoo:efficientnet_b0").source.text
    stem, groups = "    rewrite: false\n", ", groups: wide}"
    assert text.count(stem) == text.count(groups) == 1
    dense = next(cases(loads(text.replace(groups, "}")), variants=["standard"]))
    found = cases(loads(text.replace(stem, "")), variants=VARIANTS)
    return {**{case.variant.name: case.network for case in found}, "dense": dense.network}


def _section(found: Contestants, every: Sequence[Device]) -> str:
    macs = {name: _macs(network) for name, network in found.networks.items()}
    names = list(macs)
    titles = ["device", "batch", f"{names[0]}, ms", *names[1:], "fastest first", "no faster"]
    rows = [_by_macs(macs), *(_row(found, macs, device) for device in every)]
    dashes = ["---", "---:", *["---:"] * len(names), "---", "---"]
    lines = "".join("| " + " | ".join(row) + " |\n" for row in (titles, dashes, *rows))
    return f"### {found.title}\n\n{found.about}\n\n{lines}\n{_summary(found, macs, every)}"


def _macs(network: Network) -> int:
    found = Amounts(Context(convention("macs"))).number("count", Scope(network))
    assert isinstance(found, int)
    return found


def _by_macs(macs: dict[str, int]) -> list[str]:
    """What MACs say, in the place of milliseconds."""
    first, *others = macs.values()
    ordered = sorted(macs, key=lambda name: macs[name])
    names = " < ".join(SHORT.get(name, name) for name in ordered)
    return [
        "*MACs*",
        "",
        f"*{first / 1e6:,.0f} M*",
        *(ratio(n / first) for n in others),
        names,
        "",
    ]


def _row(found: Contestants, macs: dict[str, int], device: Device) -> list[str]:
    times = _times(found, device)
    first, *others = times.values()
    held = list(duels(times.items(), device))
    batch, milliseconds = f"{device.batch:,}", f"{first:,.3g}"
    ratios = [ratio(time / first) for time in others]
    return [device.name, batch, milliseconds, *ratios, _order(held), _against(held, macs)]


def _times(found: Contestants, device: Device) -> dict[str, float]:
    each = {name: device.milliseconds(network) for name, network in found.networks.items()}
    return {name: sum(time for time in times if time) for name, times in each.items()}


def _order(held: Sequence[Duel]) -> str:
    """`a < b = c`: about equal where nobody can tell which is faster."""
    text = ""
    for each in standings(held):
        sign = " ≤ " if each.near else " < "
        text += (sign if text else "") + " = ".join(SHORT.get(name, name) for name in each.names)
    return text


def _against(held: Sequence[Duel], macs: dict[str, int]) -> str:
    """What has fewer MACs than the first one and isn't faster, loud where it is slower."""
    first = next(iter(macs))
    fewer = [name for name in macs if macs[name] < macs[first]]
    slower = [SHORT.get(name, name) for name in fewer if _verdict(held, name, first) == first]
    equal = [SHORT.get(name, name) for name in fewer if _verdict(held, name, first) is None]
    said = [f"**slower: {', '.join(slower)}**"] if slower else []
    said += [f"about equal: {', '.join(equal)}"] if equal else []
    return "; ".join(said)


def _verdict(held: Sequence[Duel], one: str, other: str) -> str | None:
    """Which of two is faster; None where they are about equal."""
    (duel,) = [duel for duel in held if {duel.first, duel.second} == {one, other}]
    return duel.faster


def _summary(found: Contestants, macs: dict[str, int], every: Sequence[Device]) -> str:
    """For each but the first what it comes to on all devices, and where its MACs mislead."""
    times = [_times(found, device) for device in every]
    held = [list(duels(each.items(), device)) for each, device in zip(times, every, strict=True)]
    first, *others = macs
    lines = []
    for name in others:
        shares = sorted(each[name] / each[first] for each in times)
        share = f"{ratio(shares[0])} to {ratio(shares[-1])}"
        said = [
            f"`{name}`: {ratio(macs[name] / macs[first])} times the MACs, {share} times the time"
        ]
        said += _misleading(name, macs, held)
        lines.append(f"- {'; '.join(said)}.\n")
    return "".join(lines)


def _misleading(name: str, macs: dict[str, int], held: Sequence[Sequence[Duel]]) -> Iterator[str]:
    """On how many devices one isn't faster than what has more MACs."""
    first = next(iter(macs))
    for other in [other for other in macs if macs[other] > macs[name]]:
        verdicts = [_verdict(each, name, other) for each in held]
        slower, equal = verdicts.count(other), verdicts.count(None)
        if slower:
            where = f"on {slower} of {len(held)} devices"
            yield f"**slower than `{other}`**, which has more MACs, {where}"
        if equal and other == first:
            yield f"about equal to `{other}` on {equal} of {len(held)} devices"


if __name__ == "__main__":
    for file, drawn in pages().items():
        file.write_text(drawn)
    picture = PICTURE.search(README.read_text())
    assert picture
    _printed(picture[1])
