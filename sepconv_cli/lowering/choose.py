"""Which variants of a spec are compared, and with which parameters set: one case for each."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from sepconv_cli.errors import Place, Source, UsageError, did_you_mean
from sepconv_cli.language.model import RuleChoice, Spec, VariantChoice
from sepconv_cli.language.read import read_options
from sepconv_cli.lowering.lower import build_variants, lower
from sepconv_cli.lowering.options import Options, Texts, assigned
from sepconv_cli.lowering.settings import Settings
from sepconv_cli.network import Network
from sepconv_cli.ops.conv import Conv
from sepconv_cli.registry import names
from sepconv_cli.variants import COMPARED, REWRITTEN, Rule, Variant, eligible, rewrite


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

    No variants means those that the spec lists, or else the usual ones. An option goes to every
    variant that has it, chosen or named by a rule. Rules go before those of the spec.
    """
    chosen, every_rule = _names(spec, variants), (*rules, *spec.rules)
    own = assigned([*chosen, *_targets(every_rule)], options or {})
    choices = {name: _choice(spec, name, given) for name, given in own.items()}
    for settings in grid:
        written = lower(spec, settings)
        built = dict(zip(choices, build_variants(choices.values(), spec, settings), strict=True))
        ruled = [Rule(rule.pattern, built.get(rule.variant or "")) for rule in every_rule]
        if ruled:
            _refuse_idle(spec, ruled, written)
        for name in chosen:
            network = rewrite(written, built[name], ruled)
            yield Case(spec, settings, built[name], network, written)


def variant_options(
    spec: Spec, wanted: Sequence[str], options: Options, rules: Sequence[RuleChoice] = ()
) -> dict[str, Texts]:
    """The variants that `cases` would take, each with the options that reach it or a rule's target.

    Raises UsageError for an unknown variant, and for an option that none of them has.
    """
    chosen = _names(spec, wanted)
    targets = _targets((*rules, *spec.rules))
    own = assigned([*chosen, *targets], options)
    return {
        name: {
            f"{owner}.{option}": text
            for owner in dict.fromkeys([name, *targets])
            for option, text in own[owner].items()
        }
        for name in chosen
    }


def check_options(
    variants: Sequence[str], options: Options, rules: Sequence[RuleChoice] = ()
) -> None:
    """Raise SpecError for a variant or option that fits no spec at all."""
    known = [*variants, *_targets(rules)] if variants else names("variants")
    for name, own in assigned(known, options).items():
        read_options(name, own)


def _names(spec: Spec, wanted: Sequence[str]) -> list[str]:
    """The variants to be compared: those asked for, those of the spec, or the usual ones."""
    in_spec = [choice.name for choice in spec.variants or ()]
    return list(dict.fromkeys(wanted or in_spec or COMPARED))


def _targets(rules: Iterable[RuleChoice]) -> list[str]:
    """The variants that rules name."""
    return [rule.variant for rule in rules if rule.variant]


def rule(text: str) -> RuleChoice:
    """`PATTERN` or `PATTERN=VARIANT`, as typed on a command line. Raises UsageError."""
    pattern, equals, variant = text.partition("=")
    if not pattern or (equals and not variant):
        example = "such as --rewrite 'stage2.*=blueprint_s'"
        raise UsageError(f"--rewrite {text}: expected PATTERN or PATTERN=VARIANT", example)
    if equals and variant not in names("variants"):
        raise UsageError(
            f"no variant is called {variant}", did_you_mean(variant, names("variants"))
        )
    return RuleChoice(pattern, variant or None, Place(Source("--rewrite", text), 1, 1))


def _refuse_idle(spec: Spec, rules: Sequence[Rule], network: Network) -> None:
    """Report a rule that can rewrite nothing: it is a mistake.

    One that keeps a convolution may fit any.
    """
    convs = [(node, node.op) for node in network.nodes if isinstance(node.op, Conv)]
    eligible_ones = [(node, conv) for node, conv in convs if eligible(node, conv)]
    for rule in rules:
        candidates = convs if rule.variant and rule.variant.keeps else eligible_ones
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
                did_you_mean(rule.pattern, layers) if layers else REWRITTEN,
            )


def _choice(spec: Spec, name: str, given: Texts) -> VariantChoice:
    """A variant with the spec's options, and over them those given here."""
    written = next((choice for choice in spec.variants or () if choice.name == name), None)
    read = read_options(name, given)
    if written is None:
        return read
    return VariantChoice(name, {**written.options, **read.options}, written.place)


def in_order(variants: Iterable[str]) -> list[str]:
    """Those that are usually compared in their order, with the standard one first; then others."""
    return sorted(sorted(variants), key=lambda name: (*COMPARED, name).index(name))
