"""Show which layers a device's arithmetic holds up, and which its memory."""

from sepconv_cli.commands import _options as options
from sepconv_cli.commands._flags import NO_OPTIONS, VariantOptions
from sepconv_cli.commands._models import model_options
from sepconv_cli.commands._output import write
from sepconv_cli.commands._unused import refuse_unused
from sepconv_cli.errors import UsageError
from sepconv_cli.library.load import load
from sepconv_cli.lowering.choose import cases, rule
from sepconv_cli.lowering.settings import grid
from sepconv_cli.metrics import named_devices


def command(
    spec: options.SpecPath,
    settings: options.OneSetting = None,
    include: options.Include = None,
    inputs: options.ModelInputs = None,
    call: options.ModelCall = None,
    variants: options.VariantNames = None,
    rewrite: options.Rewrite = None,
    chosen: VariantOptions = NO_OPTIONS,
    device: options.DeviceNames = None,
    batch: options.BatchSize = None,
    no_cache: options.NoCache = False,
    strict: options.StrictOutputs = False,
    format: options.Format = None,  # noqa: A002
    output: options.PictureOutput = None,
    quiet: options.Quiet = False,
) -> int:
    """Show which layers a device's arithmetic holds up, and which its memory."""
    build_on, devices = options.split_devices(device)
    if len(devices) != 1:
        hint = "name it: --device NAME; `sepconv list devices` has them"
        raise UsageError("roofline is of one device", hint)
    points = grid(settings or ())
    if len(points) > 1:
        raise UsageError("roofline takes one value for each --set")
    rules = [rule(text) for text in rewrite or ()]
    models = model_options([spec], inputs, call, points, device=build_on, use_cache=not no_cache)
    planned = list(cases(load(spec, include or (), models), points, variants or (), chosen, rules))
    from sepconv_cli.roofline.points import roofline_of
    from sepconv_cli.roofline.report import roofline_report
    from sepconv_cli.show.chart import is_picture

    (named,) = named_devices(devices, batch)
    found = roofline_of(planned, named)
    if output is not None and is_picture(output):
        if format is not None:
            raise UsageError(f"-f {format}: {output} is a picture")
        from sepconv_cli.roofline.plot import draw_roofline

        draw_roofline(found, output)
    else:
        write(roofline_report(found), format, output)
    return int(refuse_unused(planned, strict=strict, quiet=quiet))
