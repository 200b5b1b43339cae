"""What a command line says of the models among its specs."""

from collections.abc import Sequence

from msgspec.structs import replace

from sepconv_cli.commands._options import MODELS
from sepconv_cli.errors import UsageError
from sepconv_cli.importing.address import RESOLUTION, USUAL, ModelOptions, model_source
from sepconv_cli.lowering.settings import Settings


def model_options(
    paths: Sequence[str],
    inputs: Sequence[str] | None = None,
    call: str | None = None,
    points: Sequence[Settings] = (),
    *,
    device: str = USUAL.device,
    use_cache: bool = True,
) -> ModelOptions:
    """How the models among these paths are built and run. Raises UsageError.

    `points` are what parameters are set to; a model has its `resolution`.
    """
    if not any(model_source(path) for path in paths):
        for option, given in (("--input", inputs), ("--call", call)):
            if given:
                message = f"{option} is for models, and {', '.join(paths)} is none"
                raise UsageError(message, f"a model is {MODELS}")
        return USUAL
    from sepconv_cli.importing.asked import call_of, inputs_of

    return replace(
        models_at(points, use_cache=use_cache),
        inputs=inputs_of(inputs or ()),
        call=call_of(call),
        device=device,
    )


def models_at(points: Sequence[Settings], *, use_cache: bool = True) -> ModelOptions:
    """Models whose spec holds at each `resolution` that is set. Raises UsageError."""
    from sepconv_cli.importing.asked import resolutions_of

    sizes = [point[RESOLUTION] for point in points if RESOLUTION in point]
    return ModelOptions(resolutions=resolutions_of(sizes), use_cache=use_cache)
