"""Values worked out: parameters in any order, expressions, the fields of an op or variant.

What goes wrong is added to the problems and comes out as UNSET, so that one mistake
is reported once. Shapes and the order of layers are lower.py's.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sepconv_cli.errors import Complaint, Place, Problems, show
from sepconv_cli.language.expression import Expression
from sepconv_cli.language.fields import build, fields, required, unwritten
from sepconv_cli.language.model import Fields, Layer, Parameters, Required, Value, VariantChoice
from sepconv_cli.language.numbers import UNSET, Data, ExpressionError, Unknown

MAX_CHAIN = 100


class Evaluator:
    """Works out values; what it meets goes to the problems."""

    def __init__(self, problems: Problems) -> None:
        self.complain = problems.complain

    def parameters(
        self, definitions: Parameters, given: Mapping[str, Data], outer: Mapping[str, Data]
    ) -> dict[str, Data]:
        """The outer names, over them the given ones, over them the defaults, in any order."""
        names = {name: value for name, value in outer.items() if name not in definitions}
        names.update(given)
        path: list[str] = []

        def resolve(name: str) -> None:
            definition = definitions[name]
            problem = self._unresolvable(name, definition, path)
            if problem is not None:
                self.complain(*problem)
                names[name] = UNSET
                return
            assert isinstance(definition, Value)
            needed = _names_in(definition)
            path.append(name)
            for other in needed:
                if other in definitions and other not in names and not (other == name in outer):
                    resolve(other)
            path.pop()
            if name not in names:
                # `stride: stride` hands the outer parameter of that name on.
                handed_on = name in needed and name in outer
                seen = {**names, name: outer[name]} if handed_on else names
                names[name] = self.evaluate(definition, seen)

        for name in definitions:
            if name not in names:
                resolve(name)
        return names

    def _unresolvable(
        self, name: str, definition: Value | Required, path: list[str]
    ) -> tuple[str, Place, str | None] | None:
        """Why a parameter can't be worked out, as the problem to report."""
        if isinstance(definition, Required):
            return f"{name} has no value", definition.place, f"--set {name}=..."
        if name in path:
            circle = " -> ".join((*path[path.index(name) :], name))
            return f"parameters in a circle: {circle}", definition.place, None
        if len(path) > MAX_CHAIN:
            message = f"parameters that depend on each other, more than {MAX_CHAIN} deep"
            return message, definition.place, None
        return None

    def evaluate(self, value: Value, names: Mapping[str, Data]) -> Any:
        """What a value comes to; UNSET where that can't be said."""
        content = value.content
        if isinstance(content, Expression):
            try:
                return content.run(names)
            except Unknown:
                return UNSET
            except ExpressionError as error:
                self.complain(
                    error.message, value.place.shifted(error.column * value.inline), error.hint
                )
                return UNSET
        if isinstance(content, tuple):
            items = tuple(self.evaluate(item, names) for item in content)
            return UNSET if UNSET in items else items
        return UNSET if content is None else content

    def evaluate_fields(self, read: Fields, names: Mapping[str, Data]) -> dict[str, Any]:
        """What the fields of a layer come to, those aside that are lists of layers."""
        found = {}
        for name, value in read.items():
            if isinstance(value, Value):
                found[name] = self.evaluate(value, names)
        return found

    def record(
        self, layer: Layer | VariantChoice, kind: type, values: dict[str, Any], axes: int | None
    ) -> Any:
        """The op or variant with these values; None where one of them is missing or wrong."""
        if not values and (built := unwritten(kind, axes)) is not None:
            return built
        known = {name: value for name, value in values.items() if value is not UNSET}
        missing = [name for name in required(kind) if name not in known]
        # With a word or 1 for what is missing, the other fields are checked all the same.
        stand_ins = {name: min(fields(kind)[name].words, default=1) for name in missing}
        built = build(kind, {**known, **stand_ins} if missing else known, axes)
        if isinstance(built, list):
            self.complained(layer, built)
            return None
        return None if missing or len(known) < len(values) else built

    def truth(self, value: Value, names: Mapping[str, Data], what: str) -> bool:
        """Whether a value is true; anything but true or false is a problem."""
        found = self.evaluate(value, names)
        if not isinstance(found, bool) and found is not UNSET:
            self.complain(f"{what}: expected true or false, not {show(found)}", value.place)
        return found is True

    def complained(self, layer: Layer | VariantChoice, complaints: Iterable[Complaint]) -> bool:
        """Report what an op says against itself, at the field or else the layer."""
        read = layer.fields if isinstance(layer, Layer) else layer.options
        found = False
        for complaint in complaints:
            value = read.get(complaint.field or "")
            place = value.place if isinstance(value, Value) else layer.place
            self.complain(complaint.message, place, complaint.hint)
            found = True
        return found


def unset(parameters: Parameters) -> dict[str, Data]:
    """The parameters that have no default, as what is not known."""
    return {name: UNSET for name, value in parameters.items() if isinstance(value, Required)}


def _names_in(value: Value) -> Sequence[str]:
    content = value.content
    if isinstance(content, Expression):
        return sorted(content.names)
    if isinstance(content, tuple):
        return [name for item in content for name in _names_in(item)]
    return ()
