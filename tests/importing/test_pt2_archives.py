"""What may be in a file that is called .pt2, and that nothing in it is run."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec
import pytest
import torch
from torch import nn

from sepconv_cli import UsageError
from sepconv_cli.importing.pt2 import recorded_from_pt2
from sepconv_cli.importing.pt2_graph import archive
from sepconv_cli.importing.pt2_graph.sizes import UnknownSize, evaluated

Json = dict[str, Any]


def tensor(name: str) -> Json:
    return {"as_tensor": {"name": name}}


def shape(*sizes: int | str) -> Json:
    """Whole numbers, and expressions."""
    told = [
        {"as_int": each} if isinstance(each, int) else {"as_expr": {"expr_str": each}}
        for each in sizes
    ]
    return {"dtype": 7, "sizes": told}


def program(**changes: Any) -> Json:
    """x of 1 x 3 x 4 -> relu -> y, with parts of it in other words."""
    graph = {
        "inputs": [tensor("x")],
        "outputs": [tensor("y")],
        "nodes": [
            {
                "target": "torch.ops.aten.relu.default",
                "inputs": [{"name": "self", "arg": tensor("x")}],
                "outputs": [tensor("y")],
                "metadata": {},
            }
        ],
        "tensor_values": {"x": shape(1, 3, 4), "y": shape(1, 3, 4)},
    }
    signature = {
        "input_specs": [{"user_input": {"arg": tensor("x")}}],
        "output_specs": [{"user_output": {"arg": tensor("y")}}],
    }
    whole: Json = {
        "graph_module": {"graph": {**graph, **changes}, "signature": signature},
        "schema_version": {"major": 8, "minor": 14},
        "range_constraints": {},
    }
    return {**whole, **{key: each for key, each in changes.items() if key in whole}}


NAME = "program/models/model.json"


def written(
    folder: Path, held: Any, name: str = NAME, more: Mapping[str, bytes] | None = None
) -> Path:
    """A file that holds a program under this name, and more entries."""
    path = folder / "program.pt2"
    text = held if isinstance(held, bytes) else msgspec.json.encode(held)
    with ZipFile(path, "w", ZIP_DEFLATED) as file:
        file.writestr(name, text)
        for other, content in (more or {}).items():
            file.writestr(other, content)
    return path


def message(path: Path, shapes: Any = None) -> str:
    with pytest.raises(UsageError) as caught:
        recorded_from_pt2(path, shapes)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0].message


def test_the_program_that_is_changed_below_is_one(tmp_path: Path) -> None:
    (step,) = recorded_from_pt2(written(tmp_path, program())).steps
    assert (step.op.name, step.y.axes) == ("relu", (3, 4))


def test_older_versions_call_the_program_otherwise(tmp_path: Path) -> None:
    path = written(tmp_path, program(), "serialized_exported_program.json")
    assert len(recorded_from_pt2(path).steps) == 1


class Runs:
    """Whoever unpickles this makes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return (Path.touch, (self.mark,))


def test_pickled_data_is_not_touched(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    hostile = pickle.dumps(Runs(mark))
    more = {
        "program/data/sample_inputs/model.pt": hostile,
        "program/data/weights/weight_0": hostile,
        "program/data/constants/custom_obj_0": hostile,
        "../../outside": b"never written",
    }
    assert recorded_from_pt2(written(tmp_path, program(), more=more)).steps
    assert sorted(each.name for each in tmp_path.iterdir()) == ["program.pt2"]
    pickle.loads(hostile)
    assert mark.exists()


def test_files_of_other_kinds_are_named(tmp_path: Path) -> None:
    path = tmp_path / "model.pt2"
    torch.save(nn.Linear(2, 3).state_dict(), path)
    assert "is a checkpoint, whose pickled data isn't read" in message(path)
    torch.jit.save(torch.jit.trace(nn.Linear(2, 3), torch.zeros(1, 2)), path)  # type: ignore[no-untyped-call]
    assert "is a program of TorchScript" in message(path)
    assert "is a zip archive" in message(written(tmp_path, b"{}", "notes.json"))
    path.write_bytes(b"not a zip archive")
    assert "is damaged, or no .pt2 file" in message(path)
    assert "can't be read: No such file" in message(tmp_path / "missing.pt2")
    assert "is no file" in message(tmp_path)


def test_every_truncation_is_one_message(tmp_path: Path) -> None:
    path = written(tmp_path, program())
    whole = path.read_bytes()
    for end in range(0, len(whole), 7):
        path.write_bytes(whole[:end])
        assert "is damaged" in message(path)


def test_a_changed_byte_is_told_by_the_checksum(tmp_path: Path) -> None:
    path = written(tmp_path, program())
    whole = bytearray(path.read_bytes())
    whole[100] ^= 255
    path.write_bytes(whole)
    assert "is damaged" in message(path)


def test_what_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the archive says how large it is or lies."""
    monkeypatch.setattr(archive, "MAX_PROGRAM", 2**20)
    path = written(tmp_path, b" " * 2**21)
    assert path.stat().st_size < 2**13
    assert "unpacks to more than 1 MB of JSON" in message(path)
    lying = path.read_bytes().replace((2**21).to_bytes(4, "little"), (2**10).to_bytes(4, "little"))
    path.write_bytes(lying)
    assert "is damaged" in message(path)


def test_two_programs_are_one_too_many(tmp_path: Path) -> None:
    held = msgspec.json.encode(program())
    more = {"program/models/b.json": held}
    assert "several programs" in message(
        written(tmp_path, program(), "program/models/a.json", more)
    )
    # torch.export.save calls it model.
    assert recorded_from_pt2(written(tmp_path, program(), more=more)).steps


def test_a_newer_schema_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, program(schema_version={"major": 9, "minor": 2}))
    assert "is of version 9.2 of torch.export's schema" in message(path)


@pytest.mark.parametrize(
    "held",
    [b"", b"[]", b"{}", b"null", b"\xff", b'{"schema_version": {"major": 8}}', b"[" * 10**6],
)
def test_json_that_is_no_program(held: bytes, tmp_path: Path) -> None:
    assert "program.pt2" in message(written(tmp_path, held))


OTHERS: dict[str, Any] = {
    "a size below 1": {"tensor_values": {"x": shape(1, -3, 4), "y": shape(1, 3, 4)}},
    "a huge size": {"tensor_values": {"x": shape(1, 2**62, 4), "y": shape(1, 3, 4)}},
    "a tensor without a shape": {"tensor_values": {"x": shape(1, 3, 4)}},
    "an expression that would run": {
        "tensor_values": {"x": shape(1, "__import__('os').getpid()", 4), "y": shape(1, 3, 4)}
    },
    "an output that nobody makes": {"nodes": []},
    "an argument of no kind": {
        "nodes": [
            {
                "target": "torch.ops.aten.relu.default",
                "inputs": [{"name": "self", "arg": {}}],
                "outputs": [tensor("y")],
            }
        ]
    },
    "a tensor that reads itself": {
        "nodes": [
            {
                "target": "torch.ops.aten.relu.default",
                "inputs": [{"name": "self", "arg": tensor("y")}],
                "outputs": [tensor("y")],
            }
        ]
    },
    "two tensors of one name": {
        "nodes": [
            {
                "target": "torch.ops.aten.relu.default",
                "inputs": [{"name": "self", "arg": tensor("x")}],
                "outputs": [tensor("x")],
            }
        ]
    },
}


@pytest.mark.parametrize("name", OTHERS)
def test_programs_whose_parts_do_not_fit(name: str, tmp_path: Path) -> None:
    assert "program.pt2" in message(written(tmp_path, program(**OTHERS[name])))


def test_what_is_open_must_be_given(tmp_path: Path) -> None:
    """Without the example's size, which torch has written down since 2.2."""
    open_size = {"tensor_values": {"x": shape("s0", 3, "s1"), "y": shape("s0", 3, "s1")}}
    path = written(tmp_path, program(**open_size, range_constraints={"s1": {"max_val": 9}}))
    assert "leaves open sizes of input x" in message(path)
    (step,) = recorded_from_pt2(path, (3, 8)).steps
    assert step.y.axes == (3, 8)
    assert "s1 can't be 10: the program takes 0 to 9" in message(path, (3, 10))
    assert "takes samples of 2 axes" in message(path, (3, 8, 8))
    assert "can't take samples of 4x8" in message(path, (4, 8))
    assert "no input y" in message(path, {"y": (3, 8)})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("s0", 6),
        ("2*s0 + 1", 13),
        ("(s0 - 1)//2", 2),
        ("Symbol('s0', positive=True, integer=True)", 6),
        ("Add(Integer(-1), Mul(Integer(4), Symbol('s0', integer=True)))", 23),
        ("Mul(Rational(1, 2), Symbol('s0'))", 3),
        ("FloorDiv(Symbol('s0'), Integer(4))", 1),
        ("CeilDiv(Symbol('s0'), Integer(4))", 2),
        ("Pow(Symbol('s0'), Integer(2))", 36),
        ("Max(Integer(1), Mod(Symbol('s0'), Integer(4)))", 2),
    ],
)
def test_expressions(text: str, found: int) -> None:
    """With s0 = 6."""
    assert evaluated(text, {"s0": 6}) == found


@pytest.mark.parametrize(
    "text",
    [
        *("s1", "s0/4", "s0/0", "1.5", "'a'", "s0 +", "", "open('a')", "[s0]", "s0.real"),
        *("10**20", "9**9**9", "Pow(Integer(10), Integer(99))", "(" * 5000, "-" * 4000 + "1"),
        *("Mul", "Integer()", "lambda: 1", "FloorDiv(s0, 0)", "1<<99"),
    ],
)
def test_what_is_no_expression_of_sizes(text: str) -> None:
    with pytest.raises(UnknownSize):
        evaluated(text, {"s0": 6})
