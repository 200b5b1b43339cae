"""The cases of a spec as a question about its layers."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from sepconv_cli.conventions import convention
from sepconv_cli.crossover.costs import Measure, Question, Shape, costs, measure, shapes
from sepconv_cli.errors import UsageError, did_you_mean
from sepconv_cli.lowering.choose import Case
from sepconv_cli.metrics import metric
from sepconv_cli.network import Network
from sepconv_cli.variants.standard import Standard


def question(planned: Sequence[Case], layer: str, counting: str, by: str) -> Question:
    """What is asked of the layers that fit a pattern. Raises UsageError where none does."""
    rule = convention(counting)
    network = planned[0].standard
    found = shapes(network, lambda name: fnmatchcase(name, layer))
    every = shapes(network, lambda name: True)
    if not found:
        names = [name for listed in every.values() for name in listed]
        if not names:
            raise UsageError(f"{planned[0].spec.name} has no convolution that variants rewrite")
        raise UsageError(
            f"no convolution that variants rewrite fits --layer {layer}", did_you_mean(layer, names)
        )
    counted = measure(rule, by)
    is_macs = by == "count" and rule.name == "macs"
    return Question(
        network=planned[0].spec.name,
        shapes=found,
        variants=tuple(case.variant for case in planned),
        by=counted,
        unit=rule.title if by == "count" else metric(by).title,
        symbols="macs" if is_macs else "parameters" if by == "parameters" else None,
        rest=_rest(network, found, counted) if found == every else None,
    )


def picture(asked: Question, path: Path) -> None:
    """Draw the costs of a layer. Raises UsageError where there are several."""
    if len(asked.shapes) > 1:
        raise UsageError("--plot draws one layer", "choose it with --layer")
    from sepconv_cli.crossover.plot import draw
    from sepconv_cli.sweep.plot import check_plot

    check_plot(path)
    draw(asked, next(iter(asked.shapes)), path)


def _rest(network: Network, found: dict[Shape, list[str]], by: Measure) -> int | None:
    """What the layers cost that stay as they are; None where not all is counted."""
    written = by(Network(network.input, network.nodes))
    if written is None:
        return None
    ours = sum(
        len(names) * costs(shape, [Standard()], by)["standard"] for shape, names in found.items()
    )
    return written - ours
