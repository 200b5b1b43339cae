"""A JSON Schema for specs, drawn from the registries, for editors such as yaml-language-server.

It helps while typing and knows less than the program: names of blocks and parameters,
shapes and arithmetic are checked when a spec is read.
"""

from typing import Any, get_args

from sepconv_cli.language.budgets import LEVELS, LIMITS
from sepconv_cli.language.fields import Field, fields
from sepconv_cli.language.layers import MERGES
from sepconv_cli.language.quantities import metric_names
from sepconv_cli.network import BYTES
from sepconv_cli.registry import names, record
from sepconv_cli.variants import COMPARED

Schema = dict[str, Any]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_VALUE: Schema = {"$ref": "#/$defs/value"}
_SIZES: Schema = {"$ref": "#/$defs/sizes"}
_LAYERS: Schema = {"$ref": "#/$defs/layers"}
_TRUTH: Schema = {"type": ["boolean", "string"]}
_NAMES: Schema = {"type": ["string", "array"], "items": {"type": "string"}}


def schema() -> Schema:
    """The schema of a whole spec."""
    ops = {name: _fields(record("ops", name)) for name in names("ops")}
    return {
        "$schema": _DRAFT,
        "title": "sepconv spec",
        "type": "object",
        "required": ["input", "layers"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": ["string", "number"], "description": "What tables call it."},
            "source": {"type": "string", "description": "The paper or article, and its table."},
            "note": {"type": "string", "description": "What reconcile is to say of the network."},
            "input": {**_SIZES, "description": "Channels, then one to three sizes; no batch."},
            "parameters": {"$ref": "#/$defs/parameters"},
            "blocks": {"type": "object", "additionalProperties": {"$ref": "#/$defs/block"}},
            "layers": _LAYERS,
            "outputs": {**_NAMES, "description": "The layers that it puts out, if not the last."},
            "variants": _variants(),
            "rewrite": _rules(),
            "include": {"type": ["string", "array"], "description": "Files with more blocks."},
            "budgets": {"type": "array", "items": _budget(), "description": "Limits on costs."},
        },
        "$defs": {
            "value": {"type": ["number", "boolean", "string"], "description": _EXPRESSION},
            "sizes": {"anyOf": [_VALUE, {"type": "array", "items": _VALUE}]},
            "sides": {"anyOf": [_VALUE, {"type": "array", "items": _SIZES}]},
            "parameters": {"type": ["object", "null"], "additionalProperties": _SIZES},
            "block": _block(),
            "layers": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/layer"}},
            "layer": _layer(ops),
        },
    }


_EXPRESSION = "A number, or an expression such as `int(32 * width)`."


def _block() -> Schema:
    return {
        "type": "object",
        "required": ["layers"],
        "additionalProperties": False,
        "properties": {"parameters": {"$ref": "#/$defs/parameters"}, "layers": _LAYERS},
    }


def _layer(ops: dict[str, Schema]) -> Schema:
    """An op, a block or a list, as a name alone or with what belongs to it."""
    branches = {
        "residual": {"anyOf": [_LAYERS, _residual()]},
        "parallel": _parallel(),
    }
    modifiers = {
        "name": {"type": "string", "description": "What per-layer tables call it."},
        "from": {**_NAMES, "description": "The layers that it reads."},
        "weights": {"type": "string", "description": "The earlier layer whose parameters it uses."},
        "when": {**_TRUTH, "description": "Otherwise what arrives is handed on."},
        "repeat": {**_VALUE, "description": "How often it stands here."},
        "rewrite": {**_TRUTH, "description": "Whether variants may rewrite it."},
    }
    known = {**modifiers, "layers": _LAYERS, **branches, **ops}
    return {
        "anyOf": [
            {"type": "string", "examples": list(ops)},
            {
                "type": "object",
                "minProperties": 1,
                "properties": known,
                # The call of a block, with its arguments.
                "additionalProperties": {"type": ["object", "null"]},
            },
        ]
    }


def _residual() -> Schema:
    words = {"enum": ["identity", "matching"]}
    return _object({"layers": _LAYERS, "shortcut": {"anyOf": [words, _LAYERS]}}, ["layers"])


def _parallel() -> Schema:
    branches = {"type": "array", "minItems": 2, "items": _LAYERS}
    merge = {"enum": sorted(MERGES)}
    return _object({"branches": branches, "merge": merge}, ["branches", "merge"])


def _variants() -> Schema:
    known = names("variants")
    options = {name: _fields(record("variants", name)) for name in known}
    listed = {"type": "array", "items": {"enum": list(known)}}
    usual = f"Those that are compared; without this {', '.join(COMPARED)}."
    return {"anyOf": [listed, {**_object(options), "type": "object"}], "description": usual}


def _rules() -> Schema:
    target = {"enum": [True, False, *names("variants")]}
    mapping = {"type": "object", "additionalProperties": target}
    return {"anyOf": [{"type": "array", "items": {"type": "string"}}, mapping]}


def _budget() -> Schema:
    """A rule of a spec; one of a project file may have a `match` too."""
    text: Schema = {"type": "string"}
    amount: Schema = {"type": ["number", "string"]}
    texts: Schema = {"type": ["string", "array"], "items": text}
    growth = _object({"percent": amount, "at_least": amount})
    ratio = _object({"to": {"enum": list(names("variants"))}, "value": amount}, ["to", "value"])
    known: Schema = {
        "id": text,
        "match": texts,
        "variant": {"enum": list(names("variants"))},
        "metric": {"enum": list(metric_names())},
        "max": {**amount, "description": "Such as 300M or 64KiB."},
        "min": {**amount, "description": "The least that it may be."},
        "max_growth": {"anyOf": [amount, growth]},
        "max_ratio": ratio,
        "scope": {**texts, "description": "Layers, by patterns of their names."},
        "level": {"enum": list(LEVELS)},
        "set": {"type": "object", "additionalProperties": _SIZES},
        "dtype": {"enum": list(BYTES)},
        "device": {"type": "string", "description": "What a latency is of, such as rtx4090-amp."},
        "batch": {"type": "integer", "minimum": 1, "description": "So many samples at once."},
    }
    limits = [{"required": [limit]} for limit in LIMITS]
    return {**_object(known, ["id", "metric"]), "anyOf": limits}


def _fields(kind: type) -> Schema:
    """The fields of an op or a variant; none may be written where none is required."""
    known = fields(kind)
    required = [name for name, field in known.items() if field.required]
    about = (kind.__doc__ or "").strip().partition("\n")[0]
    found = _object({name: _field(field) for name, field in known.items()}, required)
    return {**found, "type": "object" if required else ["object", "null"], "description": about}


def _field(field: Field) -> Schema:
    about = {"description": f"{field.about}."} if field.about else {}
    return {**_values(field), **about}


def _values(field: Field) -> Schema:
    """What a field takes."""
    match field.kind:
        case "axes" | "margin" | "factors" | "pair" | "pair of margins":
            return _SIZES
        case "shape" | "axis numbers" | "shifts":
            return _SIZES
        case "sides":
            return {"$ref": "#/$defs/sides"}
        case "text":
            return {"type": "string"}
        case "padding":
            sides = {"$ref": "#/$defs/sides"}
            return {"anyOf": [{"enum": sorted(field.words)}, sides]} if field.words else sides
        case "layers":
            return _LAYERS
    if field.words:
        return {"enum": sorted(field.words)}
    is_bool = bool in (field.type, *get_args(field.type)[:1])
    return _TRUTH if is_bool else _VALUE


def _object(properties: Schema, required: list[str] | None = None) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        **({"required": required} if required else {}),
    }
