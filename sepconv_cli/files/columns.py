"""Rows as columns: what each holds, and its values."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

FieldKind = Literal["whole", "large", "endless", "float", "truth", "word", "text"]
"""whole: 64 bits; large: up to 38 digits; endless: more; float; true or false; word: one of a
few; text."""


class FileField(msgspec.Struct, frozen=True):
    """A column: its name, and what it holds."""

    name: str
    kind: FieldKind


class FileColumn(msgspec.Struct, frozen=True, eq=False):
    """The values of a field in some rows: an array of numpy's, or Python's own with None.

    `absent` says where an array has no value (None: nowhere); the values of a `word` are indices
    of `words`.
    """

    field: FileField
    values: Any
    absent: Any = None
    words: Sequence[str] = ()

    def listed(self) -> Sequence[Any]:
        """The values as Python's own, None where there are none."""
        values = self.values if isinstance(self.values, Sequence) else self.values.tolist()
        if self.words:
            values = [self.words[index] if index >= 0 else None for index in values]
        if self.absent is None:
            return values
        pairs = zip(values, self.absent.tolist(), strict=True)
        return [None if absent else value for value, absent in pairs]
