"""docs/batch.md is drawn from the records, and every reader finds the schema that it describes."""

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from sepconv_cli.batch.rows import Code, SpecLayerRow, SpecRow, meanings
from sepconv_cli.batch.write import record_fields
from sepconv_cli.files.columns import FieldKind
from sepconv_cli.files.parquet import parquet_schema
from sepconv_cli.metrics import listed

DOCS = (Path(__file__).parents[2] / "docs" / "batch.md").read_text()
TYPES = {"whole": "int64", "float": "double", "truth": "bool", "text": "string"}


def kinds_of(record: type[msgspec.Struct]) -> dict[str, FieldKind]:
    return {field.name: field.kind for field in record_fields(record)}


@pytest.mark.parametrize("record", [SpecRow, SpecLayerRow])
def test_the_schema_in_the_docs_is_that_of_the_records(record: type[msgspec.Struct]) -> None:
    kinds, says = kinds_of(record), meanings(record)
    table = "\n".join(f"| `{name}` | {TYPES[kinds[name]]} | {says[name]} |" for name in kinds)
    assert f"| column | type | meaning |\n|---|---|---|\n{table}\n\n" in DOCS


@pytest.mark.parametrize("record", [SpecRow, SpecLayerRow])
def test_the_parquet_schema_is_the_same(record: type[msgspec.Struct]) -> None:
    found = {field.name: str(field.type) for field in parquet_schema(record_fields(record))}
    assert found == {name: TYPES[kind] for name, kind in kinds_of(record).items()}


def test_every_code_is_in_the_docs() -> None:
    table = DOCS[DOCS.index("`code` is one of") :]
    assert re.findall(r"^\| `(\w+)` \| ", table, re.MULTILINE)[:8] == list(get_args(Code))


@pytest.mark.parametrize("record", [SpecRow, SpecLayerRow])
def test_every_metric_is_a_column_with_its_ratio(record: type[msgspec.Struct]) -> None:
    found = kinds_of(record)
    for metric in listed():
        assert found[metric.name] == ("whole" if metric.is_whole else "float")
        assert found[f"{metric.name}_ratio"] == "float"
