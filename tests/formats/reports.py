"""Reports as check and diff make them, with every name that has broken a format somewhere."""

import gc
import time
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from sepconv_cli.formats import Screen
from sepconv_cli.registry import get
from sepconv_cli.show.table import Cell, Column, Finding, Report, Status, Table

AWKWARD = {
    "quotes": "a \"b\" 'c'",
    "comma": "a,b",
    "percent": "100%25",
    "newline": "a\nb",
    "unicode": "Größe 網路 🌍",
    "pipe": "a|b",
    "tag": "<b>a</b>",
    "end of CDATA": "a]]>b",
    "colons": "::error::a",
    "older command": "##[error]a",
    "control characters": "a\x00\x1b[31mb\x07\r\x85",
    "half a surrogate": "a\udc80b",
    "not a character": "a\ufffe\uffffb",
    "backslash": "C:\\a\\|b\\",
    "entity": "&amp; &lt;b&gt;",
    "markup": "**a** _b_ `c` ~~d~~ [e](f) <!-- g",
    "line separator": "a\u2028b",
}
"""Names, by what is awkward about them."""

NAMES = st.text(min_size=1).filter(str.strip)
STATUSES: tuple[Status, ...] = ("failed", "warned", "noted", "skipped", "passed")
SHOWN = ("failed", "warned", "noted")


def finding(status: Status = "failed", **changes: Any) -> Finding:
    """A finding of a budget, with some fields changed."""
    fields: dict[str, Any] = {
        "rule": "phone",
        "subject": "MobileNetV1 standard",
        "message": "569,000,000 MACs are 269,000,000 over 300,000,000",
        "fingerprint": "phone/MobileNetV1/standard",
        "file": "nets/net.yaml",
        "line": 3,
        "column": 5,
        "details": "separable_12: 52,000,000\nseparable_13: 51,000,000",
    }
    return Finding(status=status, **{**fields, **changes})


def named(name: str, status: Status = "failed") -> Finding:
    """A finding that has the name in every text."""
    return finding(status, rule=name, subject=name, message=name, fingerprint=name, details=name)


def one_of_each() -> list[Finding]:
    """A finding of every status, each with a place of its own, and one without."""
    placed = [finding(s, fingerprint=s, line=n) for n, s in enumerate(STATUSES, start=1)]
    return [finding(fingerprint="nowhere", file=None), *placed]


def many(count: int) -> list[Finding]:
    """So many findings, a third of each level, worst first."""
    third = count // 3
    statuses = [STATUSES[min(number // third, 2)] for number in range(count)]
    return [
        finding(status, rule=f"rule {number % 7}", fingerprint=str(number), line=number + 1)
        for number, status in enumerate(statuses)
    ]


def table(
    title: str = "verdicts", rows: int = 2, folded: bool = False, text: str = "phone"
) -> Table:
    """A table with two columns."""
    columns = (Column("budget", "left"), Column("MACs"))
    group = tuple((Cell(text), Cell(f"{number:,}")) for number in range(rows))
    return Table(title, "convention macs", columns, (group,), folded=folded)


def report(*findings: Finding, headline: str = "1 of 2 budgets is exceeded") -> Report:
    """A verdict on these findings."""
    return Report({}, [], [table()], headline, findings)


def render(name: str, given: Report) -> str:
    """The report in a format."""
    found: str = get("formats", name).render(given, Screen())
    return found


def plain(name: str) -> str:
    """The name with a sign in place of each character that isn't text, told one by one."""
    return "".join(_plain(character) for character in name.replace("\r\n", "\n"))


def _plain(character: str) -> str:
    code = ord(character)
    control = (code < 32 and character not in "\n\t") or 127 <= code < 160
    surrogate = 0xD800 <= code < 0xE000
    return "\ufffd" if control or surrogate or code in (0xFFFE, 0xFFFF) else character


def growth(call: Callable[[int], object]) -> float:
    """How many times longer 10,000 take than 2,500, at their best: 4 where it is linear.

    Runs take turns, so that what else the machine does slows both, in the time of this process.
    """
    times: dict[int, list[float]] = {2_500: [], 10_000: []}
    for _ in range(5):
        for count, found in times.items():
            gc.collect()
            start = time.process_time()
            call(count)
            found.append(time.process_time() - start)
    return min(times[10_000]) / min(times[2_500])
