"""What is asked of every point of a grid, and of a single one."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import msgspec

from sepconv_cli.errors import UsageError
from sepconv_cli.language.expression import Expression
from sepconv_cli.language.model import RuleChoice, Spec
from sepconv_cli.language.numbers import ExpressionError
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.options import Texts
from sepconv_cli.sweep.metrics import Metrics

SELECTED = "selected"


class Question(msgspec.Struct, frozen=True):
    """What is asked of every point: the variants of a spec with their options, the metrics that
    are wanted, and the filter."""

    spec: Spec
    variants: Mapping[str, Texts]
    rules: tuple[RuleChoice, ...]
    metrics: Metrics
    wanted: tuple[str, ...]
    where: Expression | None = None

    def ask(self, variant: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The answers at a point, or at many where the settings vary. Raises SpecError.

        `selected` is whether the filter holds.
        """
        options = self.variants[variant]
        (case,) = cases(self.spec, [settings], [variant], options, self.rules)
        names = self.wanted
        if self.where is not None:
            read = [self.metrics.name(name) for name in self.where.names]
            names = tuple(dict.fromkeys([*names, *(name for name in read if name)]))
        answers = self.metrics.of(case, names)
        found = {name: answers[name] for name in self.wanted}
        if self.where is not None:
            found[SELECTED] = self._selected(self.where, {**settings, **answers})
        return found

    def _selected(self, where: Expression, names: dict[str, Any]) -> Any:
        for asked in where.names:
            name = self.metrics.name(asked)
            if name is not None:
                value = names[name]
                # The language knows exact numbers alone.
                names[asked] = Fraction(value) if isinstance(value, float) else value
            if asked in names and names[asked] is None:
                return False
        try:
            return where.run(names)
        except ExpressionError as error:
            raise UsageError(f"--where: {error.message}", error.hint) from error
