"""The metrics, one file each: a number that people compare, limit, sort by and plot.

A file holds a `METRIC`. Tables, JSON, limits, filters, fronts, plots and docs are drawn from it,
and nothing else knows the list. Every convention's name is a metric too: its count.
"""

from sepconv_cli.metrics._amounts import Amounts, Scope
from sepconv_cli.metrics._find import (
    about_devices,
    in_tables,
    listed,
    metric,
    named_devices,
    on_devices,
    title_of,
)
from sepconv_cli.metrics._metric import Amount, Context, Metric, MetricValue
from sepconv_cli.metrics.count import counted

__all__ = [
    "Amount",
    "Amounts",
    "Context",
    "Metric",
    "MetricValue",
    "Scope",
    "about_devices",
    "counted",
    "in_tables",
    "listed",
    "metric",
    "named_devices",
    "on_devices",
    "title_of",
]
