"""What the convention counts: multiplications, or floating-point operations as a tool counts them.

It is the number that `--convention` chooses. Under each convention's own name it is a metric by
itself, such as `macs` or `fvcore`.
"""

from collections.abc import Sequence

from sepconv_cli.conventions import Convention, gaps, sentences
from sepconv_cli.metrics._metric import Metric
from sepconv_cli.network import Node

METRIC = Metric(
    name="count",
    title="count",
    unit="MACs or FLOPs",
    meaning="What `--convention` counts: by default the multiplications of convolutions and linear "
    "layers.",
    node=lambda node, context: context.convention.count(node),
    needs=frozenset({"convention"}),
    place="every table",
    ratio=True,
    order=20,
)


def counted(convention: Convention) -> Metric:
    """The count of one convention, as a metric by itself."""

    def notes(nodes: Sequence[Node]) -> Sequence[str]:
        found = [gap for gap in gaps(nodes, convention) if gap.reason is None]
        return sentences(found, convention)

    return Metric(
        name=convention.name,
        title=convention.title,
        unit=f"{convention.unit}s",
        meaning=f"{convention.meaning}.",
        node=lambda node, context: convention.count(node),
        why_not=convention.why_not if convention.not_comparable else None,
        notes=notes,
        place=METRIC.place,
        ratio=METRIC.ratio,
        order=METRIC.order,
    )
