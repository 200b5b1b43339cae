"""What the formats made of findings share: which ones they show, plain text, paths, identity."""

import os
import re
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from sepconv_cli.errors import UsageError
from sepconv_cli.show.table import Finding, Report

NO_FILE = "no file"
"""Stands for the path where a reader asks for one and the finding has none."""

# What XML 1.0 forbids, terminals obey or UTF-8 can't hold; newline and tab are text.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def findings(report: Report, name: str) -> list[Finding]:
    """The report's findings in plain text. Raises UsageError for a command that checks nothing."""
    if report.findings is None:
        raise UsageError(
            f"format {name} shows what check and diff find",
            "for any command: csv, json, jsonl, markdown, terminal",
        )
    return [_plain(finding) for finding in report.findings]


def problems(report: Report, name: str) -> list[Finding]:
    """The findings that somebody should see: failed, warned or noted, worst first."""
    seen = ("failed", "warned", "noted")
    return [finding for finding in findings(report, name) if finding.status in seen]


def text(finding: Finding) -> str:
    """The message, and its details on the lines below."""
    return f"{finding.message}\n{finding.details}" if finding.details else finding.message


def path(file: str) -> str:
    """A file as a repository names it: from the working folder on, with slashes."""
    return os.path.normpath(file).removeprefix(f"{Path.cwd()}{os.sep}").replace(os.sep, "/")


def path_or_stand_in(finding: Finding) -> str:
    """The finding's path, or the text that stands for none."""
    return NO_FILE if finding.file is None else clean(path(finding.file))


def fingerprints(found: Sequence[Finding]) -> list[str]:
    """A hash for each finding that no other of the report has and that no line is part of."""
    seen: Counter[str] = Counter()
    hashes = []
    for finding in found:
        number = seen[finding.fingerprint]
        seen[finding.fingerprint] += 1
        identity = f"{number}:{finding.fingerprint}".encode(errors="backslashreplace")
        hashes.append(sha256(identity).hexdigest())
    return hashes


def clean(given: str) -> str:
    """The text with a sign in place of every character that isn't text."""
    return _UNPRINTABLE.sub("\ufffd", given.replace("\r\n", "\n"))


def _plain(finding: Finding) -> Finding:
    """The finding without characters that aren't text; a file's name stays as it is."""
    return msgspec.structs.replace(
        finding,
        rule=clean(finding.rule),
        subject=clean(finding.subject),
        message=clean(finding.message),
        details=clean(finding.details).strip("\n"),
    )
