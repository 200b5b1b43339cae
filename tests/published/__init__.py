"""Figures from outside: the tables of this folder, and tests that hold the program to them."""

import csv
from pathlib import Path

HERE = Path(__file__).parent
CONFIGS = HERE.parents[1] / "configs"


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a table in this folder."""
    return list(csv.DictReader((HERE / name).read_text().splitlines()))
