"""Which variants of a spec are compared, and with which parameters set: one case for each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from sepconv_cli.errors import Place, Source, UsageError, did_you_mean
from sepconv_cli.language.fields import fields
from sepconv_cli.language.model import RuleChoice, Spec, VariantChoice
from sepconv_cli.language.read import read_options
from sepconv_cli.lowering.lower import build_variants, lower
from sepconv_cli.lowering.settings import Settings
from sepconv_cli.network import Network
from sepconv_cli.ops.conv import Conv
from sepconv_cli.registry import names, record
from sepconv_cli.variants import Rule, Variant, eligible, rewrite
from sepconv_cli.variants.standard import Standard

Options = Mapping[str, str]


class Case(msgspec.Struct, frozen=True):
    """One network to be counted, beside the standard one that it is measured against."""

    spec: Spec
    settings: Settings
    variant: Variant
    network: Network
    standard: Network


def cases(
    spec: Spec,
    grid: Iterable[Settings] = ({},),
    variants: Sequence[str] = (),
    options: Options | None = None,
    rules: Sequence[RuleChoice] = (),
) -> Iterator[Case]:
    """A case for every setting and variant. Raises SpecError.

    No variants means those that the spec lists, or else all. An option goes to every
    chosen variant that has it. Rules go before those of the spec.
    """
    chosen = _chosen(spec, variants, options or {})
    targets = [(rule.pattern, _target(spec, rule, options or {})) for rule in (*rules, *spec.rules)]
    for settings in grid:
        written = lower(spec, settings)
        ruled = [
            Rule(pattern, None if target is None else build_variants([target], spec, settings)[0])
            for pattern, target in targets
        ]
        if ruled:
            _refuse_idle(spec, ruled, written)
        for variant in build_variants(chosen, spec, settings):
            network = rewrite(written, variant, ruled)
            yield Case(spec, settings, variant, network, written)


def variant_options(spec: Spec, wanted: Sequence[str], options: Options) -> dict[str, Options]:
    """The variants that `cases` would take, and which of the options are theirs.

    Raises UsageError for an unknown variant, and for an option that none of them has.
    """
    found = [choice.name for choice in _chosen(spec, wanted, options)]
    kinds: dict[str, type] = {name: record("variants", name) for name in found}
    known = {name: fields(kind) for name, kind in kinds.items()}
    return {
        name: {option: value for option, value in options.items() if option in known[name]}
        for name in found
    }


def check_options(variants: Sequence[str], options: Options) -> None:
    """Raise SpecError for a variant or option that fits no spec at all."""
    kinds: dict[str, type] = {
        name: record("variants", name) for name in variants or names("variants")
    }
    known = {name: fields(kind) for name, kind in kinds.items()}
    _refuse_unknown(options, known)
    for name, of_variant in known.items():
        read_options(name, {key: value for key, value in options.items() if key in of_variant})


def _refuse_unknown(options: Options, known: Mapping[str, Mapping[str, Any]]) -> None:
    for option in options:
        if not any(option in of_variant for of_variant in known.values()):
            flag = option.replace("_", "-")
            raise UsageError(f"--{flag} is an option of none of these: {', '.join(known)}")


def _chosen(spec: Spec, wanted: Sequence[str], options: Options) -> list[VariantChoice]:
    """The variants to be compared, the spec's options under those given here."""
    in_spec = {choice.name: choice for choice in spec.variants or ()}
    chosen = list(dict.fromkeys(wanted)) or list(in_spec) or in_order(names("variants"))
    kinds: dict[str, type] = {name: record("variants", name) for name in chosen}
    known = {name: fields(kind) for name, kind in kinds.items()}
    _refuse_unknown(options, known)
    return [
        _with_options(
            name,
            in_spec.get(name),
            {option: value for option, value in options.items() if option in known[name]},
        )
        for name in chosen
    ]


def rule(text: str) -> RuleChoice:
    """`PATTERN` or `PATTERN=VARIANT`, as typed on a command line. Raises UsageError."""
    pattern, equals, variant = text.partition("=")
    if equals and variant not in names("variants"):
        raise UsageError(
            f"no variant is called {variant}", did_you_mean(variant, names("variants"))
        )
    return RuleChoice(pattern, variant or None, Place(Source("--rewrite", text), 1, 1))


def _target(spec: Spec, rule: RuleChoice, options: Options) -> VariantChoice | None:
    """The variant that a rule names, with the spec's options and the given ones that it has."""
    if rule.variant is None:
        return None
    written = next((choice for choice in spec.variants or () if choice.name == rule.variant), None)
    kind: type = record("variants", rule.variant)
    own = {name: value for name, value in options.items() if name in fields(kind)}
    return _with_options(rule.variant, written, own)


def _refuse_idle(spec: Spec, rules: Sequence[Rule], network: Network) -> None:
    """A rule that can rewrite nothing is a mistake, and not an empty wish.

    One that keeps a convolution may fit any.
    """
    convs = [(node, node.op) for node in network.nodes if isinstance(node.op, Conv)]
    eligible_ones = [(node, conv) for node, conv in convs if eligible(node, conv)]
    for rule in rules:
        candidates = convs if isinstance(rule.variant, Standard) else eligible_ones
        if not candidates:
            raise UsageError(
                f"{spec.name} has no convolution that can be rewritten, "
                f"so that none fits {rule.pattern!r}",
                "variants rewrite those in one group with a kernel over 1, unless `rewrite: false`",
            )
        if not any(rule.fits(node, conv) for node, conv in candidates):
            layers = list(dict.fromkeys(node.layer for node, _ in candidates))
            raise UsageError(
                f"no convolution of {spec.name} that can be rewritten fits {rule.pattern!r}",
                did_you_mean(rule.pattern, layers),
            )


def _with_options(name: str, written: VariantChoice | None, options: Options) -> VariantChoice:
    given = read_options(name, dict(options))
    if written is None:
        return given
    return VariantChoice(name, {**written.options, **given.options}, written.place)


def in_order(variants: Iterable[str]) -> list[str]:
    """The standard variant first, since the others are measured against it."""
    return sorted(sorted(variants, reverse=True), key=lambda name: name != "standard")
