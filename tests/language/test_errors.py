"""What is refused, where the error points, and what it says. Lines and columns count from 1."""

import re
import time
from pathlib import Path

import pytest

from sepconv_cli import SpecError, loads
from sepconv_cli.library.load import load
from sepconv_cli.lowering.lower import lower
from sepconv_cli.lowering.wiring import MAX_LAYERS
from tests.conftest import Sepconv

HEAD = "input: [3, 8, 8]\n"
CONV = "  - conv: {out_channels: 4, kernel_size: 3}\n"


def problems(text: str) -> list[str]:
    """Each problem as line:column: message."""
    with pytest.raises(SpecError) as error:
        lower(loads(text))
    return [
        f"{p.place.line}:{p.place.column}: {p.message}" if p.place else p.message
        for p in sorted(
            error.value.problems,
            key=lambda p: (p.place.line, p.place.column) if p.place else (0, 0),
        )
    ]


def hints(text: str) -> list[str | None]:
    with pytest.raises(SpecError) as error:
        lower(loads(text))
    return [problem.hint for problem in error.value.problems]


def layer(text: str) -> str:
    """A spec with this as its only layer, on line 3 from column 5."""
    return f"{HEAD}layers:\n  - {text}\n"


LANGUAGE = {
    "unknown key": (HEAD + "layrs: []\nlayers: [relu]\n", ["2:1: no key is called layrs"]),
    "no layers": (HEAD, ["1:1: a spec needs `layers`"]),
    "no input": ("layers: [relu]\n", ["1:1: a spec needs `input`"]),
    "no layer": (HEAD + "layers: []\n", ["2:9: a list of layers needs at least one"]),
    "layers that are no list": (HEAD + "layers: relu\n", ["2:9: expected a list of layers"]),
    "a spec that is a list": ("- relu\n", ["1:1: expected a spec as keys and values"]),
    "unknown op": (layer("convv: {}"), ["3:5: no op or block is called convv"]),
    "unknown field": (
        layer("conv: {channels: 3, out_channels: 2, kernel_size: 1}"),
        ["3:12: no field of conv is called channels"],
    ),
    "a misspelt field is not missing too": (
        layer("max_pool: {kernal_size: 3}"),
        ["3:16: no field of max_pool is called kernal_size"],
    ),
    "missing fields": (layer("conv: {}"), ["3:5: conv needs out_channels and kernel_size"]),
    "two ops in one layer": (
        layer("{relu: , batch_norm: }"),
        ["3:14: a layer has one op or block, and batch_norm is one more key"],
    ),
    "a field outside of its op": (
        layer("{conv: {out_channels: 4, kernel_size: 3}, padding: 1}"),
        ["3:47: a layer has one op or block, and padding is one more key"],
    ),
    "a layer without an op": (
        layer("{name: x}"),
        ["3:5: a layer names an op, a block, or `layers`"],
    ),
    "unknown variant": (
        HEAD + "layers: [relu]\nvariants: {blueprint_x: {}}\n",
        ["3:12: no variant is called blueprint_x"],
    ),
    "unknown option": (
        HEAD + "layers: [relu]\nvariants: {blueprint_u: {p: 1/2}}\n",
        ["3:26: no field of blueprint_u is called p"],
    ),
    "an option of a wrong value": (
        HEAD + "layers: [relu]\nvariants: {blueprint_s: {p: 3}}\n",
        ["3:29: p: expected a share over 0 and up to 1, not 3"],
    ),
    "between changes the shape": (
        HEAD + "layers: [relu]\nvariants: {blueprint_u: {between: [flatten]}}\n",
        ["3:36: flatten changes the shape, and what stands between keeps it"],
    ),
    "a block with an op's name": (
        HEAD + "blocks: {relu: {layers: [relu]}}\nlayers: [relu]\n",
        ["2:10: relu is already the name of an op"],
    ),
    "unknown parameter of a block": (
        HEAD + "blocks: {b: {parameters: {c: 1}, layers: [relu]}}\nlayers:\n  - b: {d: 1}\n",
        ["4:9: no parameter of b is called d"],
    ),
    "missing parameter of a block": (
        HEAD + "blocks: {b: {parameters: {c: required}, layers: [relu]}}\nlayers: [b]\n",
        ["3:10: b needs c"],
    ),
    "a block that calls itself": (
        HEAD + "blocks:\n  a: {layers: [b]}\n  b: {layers: [relu, a]}\nlayers: [a]\n",
        ["4:22: a block that calls itself: a -> b -> a"],
    ),
    "a parameter without a value": (
        HEAD + "parameters: {width: required}\nlayers: [relu]\n",
        ["2:21: width has no value"],
    ),
    "parameters in a circle": (
        HEAD + "parameters: {a: b + 1, b: 2 * c, c: a}\nlayers: [relu]\n",
        ["2:17: parameters in a circle: a -> b -> c -> a"],
    ),
    "a parameter of a wrong name": (
        HEAD + "parameters: {in_size: 1}\nlayers: [relu]\n",
        ["2:14: in_size can't be a parameter's name"],
    ),
    "two layers of one name": (
        HEAD + "layers:\n  - {relu: , name: a}\n  - {relu: , name: a}\n",
        ["4:6: a second layer called a"],
    ),
    "a layer's name with a dot": (
        layer("{relu: , name: a.b}"),
        ["3:20: 'a.b' can't be the name of a layer"],
    ),
}  # fmt: skip

VALUES = {
    "a boolean for a number": (
        layer("linear: {out_features: true}"),
        ["3:28: out_features: expected a whole number of at least 1, not true"],
    ),
    "a number for a boolean": (
        layer("conv: {out_channels: 1, kernel_size: 1, bias: 1}"),
        ["3:51: bias: expected true or false, not 1"],
    ),
    "a list for a number": (
        layer("conv: {out_channels: [1, 2], kernel_size: 1}"),
        ["3:26: out_channels: expected one value, not the list [1, 2]"],
    ),
    "a mapping for a number": (
        layer("conv: {out_channels: {a: 1}, kernel_size: 1}"),
        ["3:26: expected a number, an expression or a list, not a mapping"],
    ),
    "nothing for a number": (
        layer("conv: {out_channels: , kernel_size: 1}"),
        ["3:26: a value is missing"],
    ),
    "zero": (
        layer("conv: {out_channels: 0, kernel_size: 1}"),
        ["3:26: out_channels: expected a whole number of at least 1, not 0"],
    ),
    "a negative padding": (
        layer("conv: {out_channels: 1, kernel_size: 1, padding: -1}"),
        ["3:54: padding: expected at least 0, not -1"],
    ),
    "a fraction": (
        layer("conv: {out_channels: 24.3, kernel_size: 1}"),
        ["3:26: out_channels: 24.3 is not a whole number"],
    ),
    "a word that is none of these": (
        layer("conv: {out_channels: 1, kernel_size: 1, padding_mode: mirror}"),
        ["3:59: expected circular or reflect or replicate or zeros, not mirror"],
    ),
    "too many axes": (
        layer("conv: {out_channels: 1, kernel_size: [1, 1, 1]}"),
        ["3:42: kernel_size: [1, 1, 1] is 3 values, but the input has 2 spatial axes"],
    ),
    "same with a stride": (
        layer("conv: {out_channels: 1, kernel_size: 3, stride: 2, padding: same}"),
        ["3:65: padding: same needs stride 1, but the stride is [2, 2]"],
    ),
    "an undefined name": (
        layer("linear: {out_features: 2 * heads}"),
        ["3:32: no parameter is called heads"],
    ),
    "an input of five values": (
        "input: [3, 1, 1, 1, 1]\nlayers: [relu]\n",
        ["1:8: an input has channels and up to 3 sizes, not 5 values"],
    ),
    "an input of zero": (
        "input: [3, 0]\nlayers: [relu]\n",
        ["1:8: an input of [3, 0]: each is a whole number of at least 1"],
    ),
    "a negative repeat": (
        layer("{relu: , repeat: -1}"),
        ["3:22: repeat: expected a whole number of at least 0, not -1"],
    ),
    "rewrite that is no truth": (
        layer("{relu: , rewrite: 3}"),
        ["3:23: rewrite: expected true or false, not 3"],
    ),
    "a comma that splits an expression": (
        layer("conv: {out_channels: min(4, 8), kernel_size: 1}"),
        ["3:31: this comma ends the value"],
    ),
    "a kernel over its input": (
        layer("conv: {out_channels: 1, kernel_size: 9, padding: [[0, 0], [1, 0]]}"),
        [
            "3:42: the kernel is larger than its input: 9 on the height of 8",
        ],
    ),
    "groups that don't divide": (
        layer("conv: {out_channels: 4, kernel_size: 1, groups: 2}"),
        ["3:53: groups 2 does not divide the 3 in_channels"],
    ),
    "linear on a plane": (
        layer("linear: {out_features: 2}"),
        ["3:5: linear needs a flat input, but 3x8x8 arrives"],
    ),
}  # fmt: skip

SECOND_LOOK = {
    "a block with a broken body": (
        HEAD + "blocks: {a: 3}\nlayers: [a]\n",
        ["2:13: expected the block a as keys and values"],
    ),
    "a block whose name could be another's": (
        HEAD + "blocks: {a.b: {layers: [relu]}}\nlayers: [relu]\n",
        ["2:10: 'a.b' can't be the name of a block"],
    ),
    "layers without a list": (HEAD + "layers: [layers]\n", ["2:10: expected a list of layers"]),
    "an op's fields that are no mapping": (
        layer("conv: out_channels=4"),
        ["3:11: expected the fields of conv as keys and values"],
    ),
    "a layer that is a number": (HEAD + "layers: [3]\n", ["2:10: expected a layer"]),
    "variants that are a word": (
        HEAD + "layers: [relu]\nvariants: standard\n",
        ["3:11: expected variants as a list or a mapping"],
    ),
    "a modifier inside an option": (
        HEAD + "layers: [relu]\nvariants: {blueprint_u: {between: [{relu: , repeat: 2}]}}\n",
        ["3:37: repeat has no meaning here"],
    ),
    "between changes the channels of all inputs but one": (
        HEAD + "layers: [relu]\n"
        "variants: {blueprint_u: {between: [conv: {out_channels: 3, kernel_size: 1}]}}\n",
        ["3:36: conv changes the shape, and what stands between keeps it"],
    ),
    "a residual inside an option": (
        HEAD + "layers: [relu]\nvariants: {blueprint_u: {between: [{residual: [relu]}]}}\n",
        ["3:37: residual can't stand here: an op is needed"],
    ),
    "same on a flat input": (
        "input: [10]\nlayers:\n  - conv: {out_channels: 3, kernel_size: 3, padding: same}\n",
        ["3:5: conv needs an input with spatial axes, but 10 (flat) arrives"],
    ),
    "same behind a broken layer": (
        HEAD + "layers:\n  - rel\n"
        "  - conv: {out_channels: 3, kernel_size: [3, 3], padding: same}\n",
        ["3:5: no op or block is called rel"],
    ),
    "a date": (
        "input: [3, 8, 2024-10-10]\nlayers: [relu]\n",
        ["1:15: YAML reads 2024-10-10 as a date"],
    ),
    "hexadecimal in quotes": (
        HEAD + 'layers:\n  - dropout: {p: "0x10"}\n',
        ["3:19: '0x10' has no place in an expression"],
    ),
    "a huge float": (
        layer("conv: {out_channels: 1.0e+99, kernel_size: 1}"),
        ["3:26: a number larger than 1e+18"],
    ),
    "a negative eps": (
        layer("batch_norm: {eps: -1}"),
        ["3:23: eps: expected a number of at least 0, not -1"],
    ),
    "a rule of bias that is none": (
        HEAD + "layers: [relu]\nvariants: {blueprint_u: {bias: Last}}\n",
        ["3:32: expected all or last, not Last"],
    ),
    "an undefined name in quotes": (
        HEAD + 'layers:\n  - dropout: {p: "1 + foo"}\n',
        ["3:23: no parameter is called foo"],
    ),
    "an undefined name in a block that nobody calls": (
        HEAD + "blocks: {b: {layers: [dropout: {p: foo}]}}\nlayers: [relu]\n",
        ["2:36: no parameter is called foo"],
    ),
    "a wrong value under repeat 0": (
        layer("{conv: {out_channels: 0, kernel_size: 1}, repeat: 0}"),
        ["3:27: out_channels: expected a whole number of at least 1, not 0"],
    ),
    "two commas": (
        layer("conv: {out_channels: max(3, min(4, 5)), kernel_size: 1}"),
        ["3:31: this comma ends the value"],
    ),
    "a comma in a list": (
        "input: [max(1, 3), 8, 8]\nlayers: [relu]\n",
        ["1:14: this comma ends the value"],
    ),
    "a control character after other letters": (
        "name: üüüü\x01b\n",
        ["1:11: a control character, which YAML doesn't allow"],
    ),
    "a parameter that Python would keep": (
        HEAD + "parameters: {lambda: 1}\nlayers: [relu]\n",
        ["2:14: lambda can't be a parameter's name"],
    ),
}  # fmt: skip


TRAPS = {
    "duplicate key": (HEAD + "layers: [relu]\nlayers: [relu]\n", ["3:1: layers is written twice"]),
    "duplicate field": (
        layer("avg_pool: {kernel_size: 1, kernel_size: 2}"),
        ["3:32: kernel_size is written twice"],
    ),
    "yes": (
        layer("conv: {out_channels: 1, kernel_size: 1, bias: yes}"),
        ["3:51: YAML reads yes as a boolean"],
    ),
    "off as a key": (HEAD + "off: 1\nlayers: [relu]\n", ["2:1: YAML reads off as a boolean"]),
    "octal": (layer("linear: {out_features: 010}"), ["3:28: YAML reads 010 as octal"]),
    "hexadecimal": (
        layer("linear: {out_features: 0x10}"),
        ["3:28: YAML reads 0x10 as hexadecimal or binary"],
    ),
    "base 60": (
        layer("linear: {out_features: 1:30}"),
        ["3:28: YAML reads 1:30 as a number in base 60"],
    ),
    "infinity": (
        layer("linear: {out_features: .inf}"),
        ["3:28: YAML reads .inf not as a finite number"],
    ),
    "a tag": (
        HEAD + "layers: !!python/object:os.system [relu]\n",
        ["2:9: tags such as python/object:os.system are not read"],
    ),
    "a merge key": (
        HEAD + "blocks: {<<: {}}\nlayers: [relu]\n",
        ["2:10: << merges keys, which is not read"],
    ),
    "a number as a key": (HEAD + "7: 1\nlayers: [relu]\n", ["2:1: a key is a name"]),
    "a tab": (HEAD + "layers:\n\t- relu\n", ["3:1: a tab, where YAML wants spaces"]),
    "two documents": ("a: 1\n---\nb: 2\n", ["2:1: a second document starts here"]),
    "a control character": ("a: \x07\n", ["1:4: a control character, which YAML doesn't allow"]),
    "an alias of itself": (
        HEAD + "layers: &a [relu, *a]\n",
        ["2:9: nested deeper than 60 levels"],
    ),
    "a number of many digits": (
        layer("linear: {out_features: " + "9" * 50 + "}"),
        ["3:28: a number larger than 1e+18"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), LANGUAGE.values(), ids=LANGUAGE)
def test_language(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


@pytest.mark.parametrize(("text", "expected"), VALUES.values(), ids=VALUES)
def test_values(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


@pytest.mark.parametrize(("text", "expected"), SECOND_LOOK.values(), ids=SECOND_LOOK)
def test_second_look(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


@pytest.mark.parametrize(("text", "expected"), TRAPS.values(), ids=TRAPS)
def test_yamls_traps(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


def test_what_looks_like_a_trap_and_is_none() -> None:
    """1e3, 24.0 and 1_000 are numbers; aliases of small things are read."""
    network = lower(
        loads(
            "input: [1_000, 4]\n"
            "layers:\n"
            "  - conv: &c {out_channels: 1e3, kernel_size: 1.0, bias: False}\n"
            "  - conv: *c\n"
        )
    )
    assert [node.op.parameters(node.x) for node in network.nodes] == [10**6, 10**6]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (layer("batchnorm"), "did you mean batch_norm?"),
        (layer("linear: {out_featurs: 3}"), "did you mean out_features?"),
        (layer("linear: {out_features: 010}"), "write 10"),
        (layer("conv: {out_channels: 1, kernel_size: 1, bias: off}"),
         'write false, or "off" for text'),
        (layer("conv: {out_channels: min(4, 8), kernel_size: 1}"),
         'quote it: "min(4, 8)"'),
        (layer("{relu: , batch_norm: }"), "start the second one on a line of its own with `- `"),
        (HEAD + "layer: [relu]\nlayers: [relu]\n", "did you mean layers?"),
        (HEAD + "parameters: {width: required}\nlayers: [relu]\n", "--set width=..."),
        (HEAD + "layers: [relu]\nlayers: [relu]\n", "the first is on line 2"),
    ],
)  # fmt: skip
def test_hints(text: str, hint: str) -> None:
    assert hints(text) == [hint]


def test_all_problems_of_a_file_in_one_run() -> None:
    """From YAML's traps to shapes; and after a broken layer no guesses about its shape."""
    text = (
        "input: [3, 8, 8]\n"
        "parameters: {width: 0.3, wide: yes}\n"
        "layers:\n"
        "  - conv: {out_channels: 10 * width, kernel_size: 12}\n"
        "  - conv: {out_channels: 10 * width + 0.1, kernel_size: 12}\n"
        "  - relu7\n"
        "  - conv: {out_channels: 4, kernel_size: 99, groups: 0}\n"
        "  - linear: {out_features: -1}\n"
        "variants: {blueprint_v: {}}\n"
    )
    assert problems(text) == [
        "2:32: YAML reads yes as a boolean",
        "4:51: the kernel is larger than its input: 12 on the height of 8 and 12 on the width of 8",
        "5:26: out_channels: 3.1 is not a whole number",
        "6:5: no op or block is called relu7",
        "7:54: groups: expected a whole number of at least 1, not 0",
        "8:28: out_features: expected a whole number of at least 1, not -1",
        "9:12: no variant is called blueprint_v",
    ]


def test_a_mistake_in_a_block_is_reported_once_for_all_of_its_calls() -> None:
    text = (
        HEAD + "blocks: {b: {layers: [conv: {out_channels: 3, kernel_size: 9}]}}\nlayers: [b, b]\n"
    )
    assert problems(text) == [
        "2:60: the kernel is larger than its input: 9 on the height of 8 and 9 on the width of 8",
    ]


def test_a_mistake_in_a_block_that_nobody_calls_is_found() -> None:
    text = HEAD + "blocks: {b: {layers: [linear: {out_features: 1 +}]}}\nlayers: [relu]\n"
    assert problems(text) == ["2:48: '1 +' is not an expression"]


def test_many_problems_are_cut_short() -> None:
    start = time.perf_counter()
    found = problems(HEAD + "layers:\n" + "  - foo\n" * 20_000)
    assert len(found) == 101
    assert found[0] == "more than 100 problems; the rest is not shown"
    assert time.perf_counter() - start < 5


def test_text_that_would_talk_to_the_terminal_is_shown_as_text() -> None:
    with pytest.raises(SpecError) as error:
        loads(HEAD + 'layers: [relu]\n"a\\e[31m\\nb": 1\n')
    assert "no key is called a\\x1b[31m\\nb" in str(error.value)


def test_a_blocks_parameter_may_hand_on_the_outer_one_of_its_name() -> None:
    text = (
        "input: [2, 9]\nparameters: {stride: 2}\n"
        "blocks:\n"
        "  inner:\n"
        "    parameters: {stride: stride}\n"
        "    layers: [max_pool: {kernel_size: 1, stride: stride}]\n"
        "  outer: {parameters: {stride: 3}, layers: [inner]}\n"
        "layers: [outer]\n"
    )
    # The spec's stride of 2, not the caller's of 3: (9 - 1) // 2 + 1 = 5
    assert [node.y.size for node in lower(loads(text)).nodes] == [(5,)]


def test_generated_names_pass_over_written_ones() -> None:
    text = (
        HEAD + "layers:\n  - {relu: , name: relu6_2}\n  - {relu6: , repeat: 3}\n"
        "  - {relu: , name: a, repeat: 2}\n  - {relu: , name: a_1}\n"
    )
    names = [node.name for node in lower(loads(text)).nodes]
    assert names == ["relu6_2", "relu6_1", "relu6_3", "relu6_4", "a_2", "a_3", "a_1"]


def test_parameters_in_a_long_chain() -> None:
    chain = "".join(f"  p{n}: p{n + 1}\n" for n in range(3000))
    found = problems(HEAD + f"parameters:\n{chain}  p3000: 1\nlayers: [relu]\n")
    assert "parameters that depend on each other, more than 100 deep" in found[0]


# Bombs: each is refused at once.

NESTED = {
    "flow lists, 5,000": HEAD + "layers: " + "[" * 5_000 + "]" * 5_000,
    "flow lists, 200,000": HEAD + "layers: " + "[" * 200_000 + "]" * 200_000,
    "flow lists, not closed": "[" * 200_000,
    "flow mappings, 200,000": "{a: " * 200_000 + "1" + "}" * 200_000,
    "block lists, 200,000": "- " * 200_000 + "a",
    "block mappings, 1,500": "".join(" " * n + "a:\n" for n in range(1_500)),
    "complex keys, 200,000": "? " * 200_000 + "a",
    "keys of one line each": "".join(f"{' ' * n}a:\n" for n in range(400)),
}


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
def test_deep_nesting(text: str) -> None:
    start = time.perf_counter()
    (problem,) = problems(text)
    assert "nested deeper than 60 levels" in problem
    assert time.perf_counter() - start < 5


def test_a_bomb_of_aliases() -> None:
    text = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)
    )
    assert any("100,000 values, with every alias written out" in p for p in problems(text))


@pytest.mark.parametrize(
    "text",
    [
        layer("{relu: , repeat: 1000000000}"),
        layer("{layers: [{relu: , repeat: 5000}], repeat: 5000}"),
        HEAD
        + "blocks:\n  b0: {layers: [relu, relu]}\n"
        + "".join(f"  b{n}: {{layers: [b{n - 1}, b{n - 1}]}}\n" for n in range(1, 40))
        + "layers: [b39]\n",
    ],
    ids=["a repeat", "repeats in repeats", "blocks that call blocks twice"],
)
def test_too_many_layers(text: str) -> None:
    assert any(f"a network of more than {MAX_LAYERS:,} layers" in p for p in problems(text))


def test_the_largest_network_is_allowed() -> None:
    assert len(lower(loads(layer(f"{{relu: , repeat: {MAX_LAYERS}}}"))).nodes) == MAX_LAYERS


def test_a_long_chain_of_blocks() -> None:
    text = (
        HEAD + "blocks:\n  b0: {layers: [relu]}\n"
        + "".join(f"  b{n}: {{layers: [b{n - 1}]}}\n" for n in range(1, 2000))
        + "layers: [b1999]\n"
    )  # fmt: skip
    assert any("blocks that call blocks, more than 50 deep" in p for p in problems(text))


# Files


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b" \n\n", "empty", id="blank"),
        pytest.param(b"# nothing\n", "empty", id="only comments"),
        pytest.param(b"\x7fELF\0\0", "a binary file, not a YAML spec", id="binary"),
        pytest.param(b"name: caf\xe9\n", "not UTF-8 text (byte 10)", id="another encoding"),
        pytest.param(b"#" * (2 * 2**20 + 1), "larger than 2 MiB", id="too large"),
    ],
)
def test_files(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "net.yaml"
    file.write_bytes(content)
    with pytest.raises(SpecError, match=re.escape(f"net.yaml: {message}")):
        load(file)


def test_a_byte_order_mark_and_carriage_returns_are_read(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + layer("relu").replace("\n", "\r\n").encode())
    assert len(lower(load(file)).nodes) == 1


# The text


def test_full_text(sepconv: Sepconv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.yaml").write_text(
        "input: [3, 8, 8]\nlayers:\n  - conv: {out_channels: 4, kernal_size: 3}\n  - relu9\n"
    )
    monkeypatch.chdir(tmp_path)
    assert sepconv("compare", "net.yaml") == (
        2,
        "",
        """\
net.yaml:3:29: no field of conv is called kernal_size
    3 |   - conv: {out_channels: 4, kernal_size: 3}
      |                             ^
  hint: did you mean kernel_size?
net.yaml:4:5: no op or block is called relu9
    4 |   - relu9
      |     ^
  hint: did you mean relu?
2 problems
""",
    )


def test_a_long_line_is_cut_around_the_caret() -> None:
    text = HEAD + "layers: [" + "relu, " * 100 + "rulu]\n"
    with pytest.raises(SpecError) as error:
        lower(loads(text))
    _, line, caret, _ = str(error.value).splitlines()
    assert line[caret.index("^") :].startswith("rulu")
    assert len(line) <= 110
