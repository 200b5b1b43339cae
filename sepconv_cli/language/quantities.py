"""What a limit may be on, by the registries alone. What it comes to is the business of metrics/."""

from sepconv_cli.registry import get, names


def metric_names() -> tuple[str, ...]:
    """Every metric that says by itself what it counts, then every convention's count."""
    own = (
        name for name in names("metrics") if "convention" not in get("metrics", name).METRIC.needs
    )
    return (*own, *names("conventions"))


def unit_of(metric: str) -> str:
    """What a metric counts in: bytes, MACs, FLOPs, or nothing in particular."""
    if metric in names("conventions"):
        return f"{get('conventions', metric).CONVENTION.unit}s"
    unit: str = get("metrics", metric).METRIC.unit
    return unit


def is_over_time(metric: str) -> bool:
    """Whether a metric is a peak over time, which is of the whole network."""
    return metric in names("metrics") and get("metrics", metric).METRIC.combine == "max"


def is_of_device(metric: str) -> bool:
    """Whether a metric is of a device, which has to be named."""
    return metric in names("metrics") and "device" in get("metrics", metric).METRIC.needs
