"""The output formats, one file each: a report -> a string. Writing it is commands/_output.py's."""

import msgspec


class Screen(msgspec.Struct, frozen=True):
    """What the text is for: its width (None: not cut) and whether it may be coloured."""

    width: int | None = None
    color: bool = False
