"""The arithmetic behind a layer: formula, numbers put in, result, ratio."""

from sepconv_cli.commands import _options as options
from sepconv_cli.commands._flags import NO_OPTIONS, VariantOptions
from sepconv_cli.commands._models import model_options
from sepconv_cli.commands._output import write
from sepconv_cli.commands._unused import refuse_unused, warn_of_opaque
from sepconv_cli.errors import UsageError
from sepconv_cli.library.load import load
from sepconv_cli.lowering.choose import cases, rule
from sepconv_cli.lowering.settings import grid


def command(
    spec: options.SpecPath,
    layer: options.LayerPattern = "*",
    settings: options.OneSetting = None,
    include: options.Include = None,
    inputs: options.ModelInputs = None,
    call: options.ModelCall = None,
    device: options.ModelDevice = "meta",
    variants: options.VariantNames = None,
    rewrite: options.Rewrite = None,
    chosen: VariantOptions = NO_OPTIONS,
    strict: options.StrictOutputs = False,
    no_cache: options.NoCache = False,
    format: options.Format = None,  # noqa: A002
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> int:
    """Show the arithmetic behind a layer: formula, numbers put in, result, ratio."""
    points = grid(settings or ())
    rules = [rule(text) for text in rewrite or ()]
    if len(points) > 1:
        raise UsageError("explain takes one value for each --set")
    models = model_options([spec], inputs, call, points, device=device, use_cache=not no_cache)
    planned = list(cases(load(spec, include or (), models), points, variants or (), chosen, rules))
    from sepconv_cli.explain import explain

    write(explain(planned, layer), format, output)
    warn_of_opaque(planned, quiet=quiet)
    return int(refuse_unused(planned, strict=strict, quiet=quiet))
