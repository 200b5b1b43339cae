"""Options of variants as they are given: for every variant that has one, or for one variant.

`p` is meant for all that have it, `blueprint_s.p` for blueprint_s alone, and goes before.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sepconv_cli.errors import UsageError, did_you_mean, show
from sepconv_cli.language.fields import Field, fields
from sepconv_cli.lowering.settings import exact
from sepconv_cli.registry import names, record

Options = Mapping[str, Any]
"""Values by `NAME` or `VARIANT.NAME`, as texts or as Python's own; or, by a variant's name, a
mapping of its options."""
Texts = dict[str, str]


def options_of(variant: str) -> dict[str, Field]:
    """The options of a variant, by name. Raises UsageError where there is no such variant."""
    kind: type = record("variants", variant)
    return fields(kind)


def assigned(variants: Iterable[str], options: Options) -> dict[str, Texts]:
    """For each of these variants its own options, as texts.

    Raises UsageError for an option that none of them has, and for a value that is none.
    """
    known = {variant: options_of(variant) for variant in variants}
    texts = _texts(options)
    for option in texts:
        _refuse_unknown(option, known)
    return {variant: _own(variant, options, texts) for variant, options in known.items()}


def _own(variant: str, known: Mapping[str, Field], texts: Texts) -> Texts:
    general = {name: texts[name] for name in known if name in texts}
    special = {name: texts[f"{variant}.{name}"] for name in known if f"{variant}.{name}" in texts}
    return {
        name: _listed(text) if known[name].kind == "layers" else text
        for name, text in {**general, **special}.items()
    }


def _refuse_unknown(option: str, known: Mapping[str, Mapping[str, Field]]) -> None:
    variant, dot, name = option.rpartition(".")
    if dot and variant not in names("variants"):
        hint = did_you_mean(variant, names("variants"))
        raise UsageError(f"{option}: no variant is called {variant}", hint)
    if dot and name not in options_of(variant):
        hint = did_you_mean(name, options_of(variant))
        raise UsageError(f"{option}: no option of {variant} is called {name}", hint)
    if dot and variant not in known:
        raise UsageError(f"{option}: {variant} isn't one of these: {', '.join(known)}")
    if not any(name in of_variant for of_variant in known.values()):
        flag = option.replace("_", "-")
        raise UsageError(f"--{flag} is an option of none of these: {', '.join(known)}")


def _texts(options: Options) -> Texts:
    """Options without mappings in them, each as it would be typed. Raises UsageError."""
    if not isinstance(options, Mapping) or not all(isinstance(name, str) for name in options):
        raise UsageError(
            "options is a mapping of names to values", 'such as {"blueprint_s.p": 0.5}'
        )
    found: Texts = {}
    for name, value in options.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{option}": _text(option, each) for option, each in value.items()}
        else:
            found[name] = _text(name, value)
    return found


def _text(name: str, value: object) -> str:
    """A value as it is written in a spec. Raises UsageError where it can't be."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        pairs = (f"{key}: {_text(name, each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, Sequence):
        return f"[{', '.join(_text(name, each) for each in value)}]"
    return show(exact(name, value))


def _listed(text: str) -> str:
    """Layers as a list, which on the command line needs no brackets."""
    return text if text.lstrip().startswith("[") else f"[{text}]"
