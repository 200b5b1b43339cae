"""Nodes -> budgets: the rules of a spec or a project file. What they come to is budget/'s."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, get_args

from sepconv_cli.arithmetic import whole
from sepconv_cli.errors import Problems, did_you_mean, show
from sepconv_cli.language.amounts import NONE, AmountError, amount, share
from sepconv_cli.language.model import Budget, Growth, Ratio
from sepconv_cli.language.nodes import Broken, Mapping, Scalar, Sequence, YamlNode
from sepconv_cli.language.quantities import is_of_device, is_over_time, metric_names, unit_of
from sepconv_cli.language.values import ValueReader
from sepconv_cli.network import DType
from sepconv_cli.registry import names

BUDGET_KEYS = (
    "id", "match", "variant", "metric", "max", "min", "max_growth", "max_ratio", "scope", "level",
    "set", "dtype", "device", "batch",
)  # fmt: skip
LIMITS = ("max", "min", "max_growth", "max_ratio")
LEVELS = ("error", "warn")
_EXAMPLE = "such as `- {id: phone, metric: macs, max: 300M}`"


class BudgetReader:
    """Reads budgets; those of a project file may say which specs they match."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.complain = problems.complain
        self.values = ValueReader(problems)

    def budgets(self, node: YamlNode | None, in_project: bool = False) -> tuple[Budget, ...]:
        """A list of rules. What is wrong with one of them is reported, and it is left out."""
        if node is None or not isinstance(node, Sequence):
            if node is not None:
                self.complain("expected a list of budgets", node.place, _EXAMPLE)
            return ()
        found: dict[str, Budget] = {}
        for item in node.items:
            entries = self.values.mapping(item, "a budget as keys and values", _EXAMPLE)
            budget = self._budget(entries, in_project) if entries else None
            if budget and budget.id in found:
                hint = f"the first is on line {found[budget.id].place.line}"
                self.complain(f"a second budget called {budget.id}", budget.place, hint)
            elif budget:
                found[budget.id] = budget
        return tuple(found.values())

    def _budget(self, entries: Mapping, in_project: bool) -> Budget | None:
        before = len(self.problems)
        self.values.known_keys(entries, BUDGET_KEYS, "key of a budget")
        self.values.required_keys(entries, ("id", "metric"), "a budget")
        metric = self._one_of(entries, "metric", metric_names())
        get = entries.entries.get
        budget = Budget(
            id=self.values.name(get("id"), "budget") or "?",
            metric=metric or "macs",
            place=next((entries.keys[key] for key in LIMITS if key in entries.keys), entries.place),
            variant=self._one_of(entries, "variant", names("variants")) or "standard",
            match=self._words(get("match")),
            scope=self._words(get("scope")),
            level=self._one_of(entries, "level", LEVELS) or "error",
            settings=self._settings(get("set")),
            dtype=self._one_of(entries, "dtype", get_args(DType)) or "float32",
            device=self.values.word(get("device")),
            batch=self._batch(get("batch")),
            max=self._amount(get("max"), metric) if metric else None,
            min=self._amount(get("min"), metric) if metric else None,
            max_growth=self._growth(get("max_growth"), metric),
            max_ratio=self._ratio(get("max_ratio")),
        )
        self._check(entries, budget, in_project)
        return budget if len(self.problems) == before else None

    def _check(self, entries: Mapping, budget: Budget, in_project: bool) -> None:
        if not any(key in entries.entries for key in LIMITS):
            message = f"the budget {budget.id} has no limit"
            self.complain(message, entries.place, f"one of {', '.join(LIMITS)}")
        if budget.match and not in_project:
            hint = "it belongs into a project file, such as sepconv.yaml"
            self.complain("a spec's budget is its own", entries.keys["match"], hint)
        if budget.scope and is_over_time(budget.metric):
            place = entries.keys["scope"]
            self.complain(f"{budget.metric} is of the whole network and has no scope", place)

        self._check_device(entries, budget)

    def _check_device(self, entries: Mapping, budget: Budget) -> None:
        if is_of_device(budget.metric):
            if "device" not in entries.entries:
                hint = "such as `device: rtx4090-amp`; `sepconv list devices` names them"
                self.complain(f"{budget.metric} needs a device", entries.keys["metric"], hint)
            return
        for key in ("device", "batch"):
            if key in entries.entries:
                self.complain(f"{budget.metric} is of no device", entries.keys[key])

    def _batch(self, node: YamlNode | None) -> int | None:
        if node is None:
            return None
        value = whole(node.value) if isinstance(node, Scalar) else None
        if value is None or value < 1:
            self.complain("expected a number of samples", node.place, "such as `batch: 1`")
            return None
        return value

    def _one_of(self, entries: Mapping, key: str, known: Iterable[str], what: str = "") -> Any:
        """The word under a key; None where there is none, or one that isn't known.

        `what` it names is the key itself unless said.
        """
        node = entries.entries.get(key)
        word = self.values.word(node)
        if node is None or word is None:
            return None
        choices = list(known)
        found = next((choice for choice in choices if choice == word.replace("_", "-")), word)
        if found not in choices:
            self.complain(
                f"no {what or key} is called {word}", node.place, did_you_mean(word, choices)
            )
            return None
        return found

    def _words(self, node: YamlNode | None) -> tuple[str, ...]:
        """One pattern or several."""
        items = node.items if isinstance(node, Sequence) else (node,) if node else ()
        words = [word for word in map(self.values.word, items) if word is not None]
        if node is not None and not all(words):
            self.complain("a pattern is empty, and would fit nothing", node.place)
        return tuple(dict.fromkeys(words))

    def _settings(self, node: YamlNode | None) -> tuple[str, ...]:
        """Parameters as `--set` takes them: `width=0.5,1`."""
        entries = self.values.optional_mapping(node, "parameters and their values")
        found = []
        for name, value in entries.entries.items() if entries else ():
            items = value.items if isinstance(value, Sequence) else (value,)
            numbers = list(dict.fromkeys(self._number(item) for item in items))
            if not numbers:
                self.complain(f"no value is given for {name}", value.place)
            elif None not in numbers:
                found.append(f"{name}={','.join(show(number) for number in numbers)}")
        return tuple(found)

    def _number(self, node: YamlNode) -> int | Fraction | bool | None:
        if isinstance(node, Scalar) and isinstance(node.value, (int, Fraction)):
            return node.value
        self.complain("expected a number or a list of numbers", node.place)
        return None

    def _amount(self, node: YamlNode | None, metric: str) -> Fraction | None:
        found: Fraction | None = self._read(
            node, lambda value: amount(value, unit_of(metric) or NONE)
        )
        return found

    def _growth(self, node: YamlNode | None, metric: str | None) -> Growth | None:
        """`1%`, or `{percent: 1, at_least: 10k}`."""
        if node is None or metric is None:
            return None
        if isinstance(node, Scalar):
            return Growth(self._read(node, share), None)
        entries = self.values.mapping(node, "a percentage or a mapping", "such as {percent: 1}")
        if entries is None:
            return None
        self.values.known_keys(entries, ("percent", "at_least"), "key of max_growth")
        if not entries.entries:
            self.complain("max_growth needs percent or at_least", entries.place)
        return Growth(
            self._read(entries.entries.get("percent"), share),
            self._amount(entries.entries.get("at_least"), metric),
        )

    def _ratio(self, node: YamlNode | None) -> Ratio | None:
        """`{to: standard, value: 0.15}`."""
        if node is None:
            return None
        entries = self.values.mapping(node, "a mapping", "such as {to: standard, value: 0.15}")
        if entries is None:
            return None
        self.values.known_keys(entries, ("to", "value"), "key of max_ratio")
        self.values.required_keys(entries, ("to", "value"), "max_ratio")
        to = self._one_of(entries, "to", names("variants"), "variant")
        value = self._read(entries.entries.get("value"), _share_of)
        return Ratio(to, value) if to and value is not None else None

    def _read(self, node: YamlNode | None, convert: Any) -> Any:
        """What a value comes to; None where there is none, or where it is wrong."""
        if node is None:
            return None
        if isinstance(node, Broken):
            return None
        value = node.value if isinstance(node, Scalar) else None
        if value is None:
            self.complain("expected an amount", node.place, "such as 300M")
            return None
        try:
            return convert(value)
        except AmountError as error:
            self.complain(error.message, node.place, error.hint)
            return None


def _share_of(value: object) -> Fraction:
    """`0.15`, or `15%`."""
    if isinstance(value, str) and value.endswith("%"):
        return share(value) / 100
    return amount(value, NONE)
