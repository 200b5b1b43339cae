"""Where results and diagnostics go: the one place that writes."""

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sepconv_cli.errors import UsageError
from sepconv_cli.formats import Screen
from sepconv_cli.registry import get
from sepconv_cli.show.table import Report

_ENDINGS = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".csv": "csv",
    ".md": "markdown",
    ".sarif": "sarif",
    ".xml": "junit",
}


def write(report: Report, name: str | None, output: Path | None) -> None:
    """The report in the named format, or the one that the file's ending says.

    A format that has a summary for the page of a CI job adds it where the job says.
    Raises UsageError where the file can't be written.
    """
    ending = output.suffix.lower() if output else ""
    module = get("formats", name or _ENDINGS.get(ending, "terminal"))
    text = module.render(report, Screen() if output else screen())
    if output is None:
        to_stdout(text)
    else:
        to_file(text, output)
    job_page = os.environ.get("GITHUB_STEP_SUMMARY")
    if job_page and hasattr(module, "summary"):
        _append(module.summary, report, Path(job_page))


def to_file(text: str, file: Path) -> None:
    """Write a result to a file, whole or not at all. Raises UsageError where that can't be done."""
    try:
        if file.exists() and not file.is_file():
            file.write_text(text, encoding="utf-8")
            return
        target = file.resolve()
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{file}: can't be written: {error.strerror}") from error


def _append(summary: Callable[[Report, int], str], report: Report, file: Path) -> None:
    """Add a format's summary to a page that has a limit. The verdict doesn't depend on it."""
    try:
        taken = file.stat().st_size if file.exists() else 0
        text = summary(report, taken + 1)
        with file.open("a", encoding="utf-8", errors="replace") as page:
            page.write(f"\n{text}" if text else "")
    except OSError as error:
        to_stderr(f"hint: {file}: the summary can't be written: {error.strerror}")


def to_stdout(text: str) -> None:
    """Write a result. A reader that has seen enough, such as `head`, is no error."""
    if sys.stdout is None:
        raise UsageError("standard output is closed")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # What is still buffered must not fail again when the interpreter closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"standard output can't be written: {error.strerror}") from error


def to_stderr(text: str) -> None:
    """Write a diagnostic, if anybody still reads them."""
    if sys.stderr is None:
        return
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def screen() -> Screen:
    """What standard output shows: a terminal's width and colours, or a pipe's plain text."""
    if sys.stdout is None or not sys.stdout.isatty():
        return Screen()
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Screen(shutil.get_terminal_size().columns, not plain)
