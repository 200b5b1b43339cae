"""The options of variants as flags, drawn from the variants' records, once for all commands.

A command that has a parameter of the type `VariantOptions` gets them: `--p 1/6` for every variant
that has a p, and `--option blueprint_s.p=1/6` for one of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Annotated, Any, NewType, get_args

import typer
from typer.models import OptionInfo

from sepconv_cli.errors import UsageError
from sepconv_cli.language.fields import Field
from sepconv_cli.lowering.choose import in_order
from sepconv_cli.lowering.options import options_of
from sepconv_cli.registry import names

PANEL = "Variants"
Command = Callable[..., int]
VariantOptions = NewType("VariantOptions", dict[str, str])
"""What was given, by the option's name or by `VARIANT.NAME`."""
NO_OPTIONS = VariantOptions({})

_ADDRESSED = Annotated[
    list[str] | None,
    typer.Option(
        "--option",
        metavar="[VARIANT.]NAME=VALUE",
        help="An option of one variant alone, such as blueprint_s.p=1/8. Repeat for more.",
        rich_help_panel=PANEL,
    ),
]


def with_flags(command: Command, arguments: Sequence[str] = ()) -> Command:
    """The command with a flag for each option of a variant, in the place of its `VariantOptions`.

    A flag that the command has for something else stays that; `--option` reaches the variant's.
    Where all flags in the arguments are the command's own, no variant is imported to draw more.
    """
    written = signature(command)
    place = next((p for p in written.parameters.values() if p.annotation is VariantOptions), None)
    if place is None:
        return command
    taken = {flag for parameter in written.parameters.values() for flag in _flags_of(parameter)}
    typed_flags = {text.partition("=")[0] for text in arguments if text.startswith("--")}
    is_plain = bool(arguments) and typed_flags <= {*taken, "--option"}
    drawn_from = {} if is_plain else _options()
    known = {name: of for name, of in drawn_from.items() if _flag(name) not in taken}
    flags = {f"option_{name}": name for name in known}

    def run(**given: Any) -> int:
        typed = {name: given.pop(flag) for flag, name in flags.items()}
        chosen = _together(typed, given.pop("options") or ())
        return command(**given, **{place.name: chosen})

    drawn = [_parameter(flag, _annotation(name, known[name])) for flag, name in flags.items()]
    parameters: list[Parameter] = []
    for each in written.parameters.values():
        parameters += [*drawn, _parameter("options", _ADDRESSED)] if each is place else [each]
    # What Typer reads a command by.
    vars(run)["__signature__"] = written.replace(parameters=parameters)
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    run.__doc__ = command.__doc__
    return run


def _together(typed: Mapping[str, str | None], addressed: Iterable[str]) -> VariantOptions:
    """What the flags and `--option` say. Raises UsageError."""
    found = {name: value for name, value in typed.items() if value is not None}
    for text in addressed:
        name, equals, value = text.partition("=")
        if not equals or not all(name.split(".")) or not value:
            example = "such as --option blueprint_s.p=1/8"
            raise UsageError(f"--option {text}: expected [VARIANT.]NAME=VALUE", example)
        if name in found:
            raise UsageError(f"--option {text}: {name} is given twice")
        found[name] = value
    return VariantOptions(found)


def _options() -> dict[str, dict[str, Field]]:
    """Every option of a variant by its name, with the field that it is of each."""
    found: dict[str, dict[str, Field]] = {}
    for variant in in_order(names("variants")):
        for name, field in options_of(variant).items():
            found.setdefault(name, {})[variant] = field
    return found


def _annotation(name: str, of_variants: Mapping[str, Field]) -> Any:
    """The option as Typer wants it."""
    metavar = _metavar(next(iter(of_variants.values())))
    option = typer.Option(
        _flag(name), metavar=metavar, help=_help(of_variants), rich_help_panel=PANEL
    )
    return Annotated[str | None, option]


def _help(of_variants: Mapping[str, Field]) -> str:
    """What the records say of an option; with a variant's name where it is one variant's."""
    said: dict[str, list[str]] = {}
    for variant, field in of_variants.items():
        said.setdefault(field.about, []).append(variant)
    shared = len(said) == 1 and len(of_variants) > 1
    return " ".join(
        f"{about}." if shared else f"{about} ({', '.join(variants)})."
        for about, variants in said.items()
    )


def _metavar(field: Field) -> str:
    """What is to be typed, in short."""
    if field.words:
        return "|".join(get_args(field.type))
    if field.type is bool:
        return "true|false"
    return {"layers": "OP,...", "share": "SHARE"}.get(field.kind, "N")


def _flags_of(parameter: Parameter) -> list[str]:
    """The flags of a parameter that is an option: those that it names, or else its name."""
    infos = [info for info in get_args(parameter.annotation)[1:] if isinstance(info, OptionInfo)]
    # Typer keeps the first name of an annotated option as its default.
    named = [name for info in infos for name in (info.default, *(info.param_decls or ()))]
    flags = [name for name in named if isinstance(name, str)]
    return flags or [_flag(parameter.name) for _ in infos]


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _parameter(name: str, annotation: Any) -> Parameter:
    return Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=annotation)
