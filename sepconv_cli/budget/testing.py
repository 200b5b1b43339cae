"""Budgets for people who keep them in their tests."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sepconv_cli.budget.report import verdict_sentence
from sepconv_cli.budget.verdict import Verdict, verdicts, worst_first
from sepconv_cli.errors import Place, Problems, Source, SpecError, UsageError
from sepconv_cli.language.budgets import BudgetReader
from sepconv_cli.language.model import Budget, Spec
from sepconv_cli.language.nodes import node_of
from sepconv_cli.language.quantities import is_of_device
from sepconv_cli.library.load import load

AmountText = int | float | str
_CALL = Place(Source("assert_within_budget", ""), 1, 1)


def assert_within_budget(
    spec: Spec | str | Path,
    *,
    variant: str = "standard",
    settings: Mapping[str, AmountText | Sequence[AmountText]] | None = None,
    scope: str | Sequence[str] = (),
    dtype: str = "float32",
    device: str | None = None,
    batch: int | None = None,
    **limits: AmountText,
) -> None:
    """Assert that a network costs no more than `macs="300M", weight_bytes="4MiB"` and the like.

    The limits' names are metrics, those of conventions among them; `latency="12 ms"` is on a
    `device`, for a `batch` of so many samples. Without limits the spec's own
    budgets hold.
    Raises AssertionError that names what is exceeded, SpecError for a limit that is no limit.
    """
    found = spec if isinstance(spec, Spec) else load(spec)
    patterns = [scope] if isinstance(scope, str) else list(scope)
    options = {"variant": variant, "scope": patterns, "dtype": dtype, "set": dict(settings or {})}
    place = {"device": device, "batch": batch}
    of_device = {name: value for name, value in place.items() if value is not None}
    budgets = _budgets(limits, options, of_device) if limits else found.budgets
    if not budgets:
        raise UsageError(f"{found.name} has no budgets, and no limit is given")
    judged: list[Verdict] = [one for budget in budgets for one in verdicts(found, budget)]
    wrong = [one for one in worst_first(judged) if one.status == "failed"]
    if wrong:
        raise AssertionError(
            "\n".join(f"{one.budget.id}: {verdict_sentence(one)}" for one in wrong)
        )


def _budgets(
    limits: Mapping[str, AmountText], options: Mapping[str, object], of_device: Mapping[str, object]
) -> Sequence[Budget]:
    """Budgets as they would be written in a spec, one for each limit."""
    written = [
        {
            **{"id": metric, "metric": metric, "max": limit, **options},
            **(of_device if is_of_device(metric) else {}),
        }
        for metric, limit in limits.items()
    ]
    problems = Problems()
    budgets = BudgetReader(problems).budgets(node_of(written, _CALL))
    if problems:
        raise SpecError(problems)
    return budgets
