"""Which metrics there are. Their names are found without importing them, on use one by one."""

from functools import cache

from sepconv_cli.conventions import Convention, convention
from sepconv_cli.errors import UsageError, did_you_mean
from sepconv_cli.language.quantities import metric_names
from sepconv_cli.metrics._metric import Metric
from sepconv_cli.metrics.count import counted
from sepconv_cli.registry import get, names


@cache
def metric(name: str) -> Metric:
    """The metric of that name: a file's, or a convention's count. Raises UsageError."""
    if name in names("metrics"):
        found: Metric = get("metrics", name).METRIC
        return found
    if name.replace("_", "-") in names("conventions"):
        return counted(convention(name))
    raise UsageError(f"no metric is called {name}", did_you_mean(name, metric_names()))


@cache
def listed() -> tuple[Metric, ...]:
    """The metrics that any network has, in their order: all files' that need no device."""
    found = [metric(name) for name in names("metrics")]
    return tuple(
        sorted(
            (one for one in found if "device" not in one.needs),
            key=lambda one: (one.order, one.name),
        )
    )


def in_tables(wide: bool = False) -> tuple[Metric, ...]:
    """The metrics that every table has without being asked, or those of wide tables too."""
    places = ("every table", "wide tables") if wide else ("every table",)
    return tuple(one for one in listed() if one.place in places)


def title_of(name: str, convention: Convention) -> str:
    """What stands over a metric's column, `count` being the convention's."""
    return convention.title if name == "count" else metric(name).title
