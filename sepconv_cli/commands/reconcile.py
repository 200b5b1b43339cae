"""Say why tools disagree about a network: every convention's number, term by term."""

from typing import Annotated

import typer

from sepconv_cli.commands import _options as options
from sepconv_cli.commands._flags import NO_OPTIONS, VariantOptions
from sepconv_cli.commands._models import model_options
from sepconv_cli.commands._output import to_stderr, write
from sepconv_cli.commands._unused import refuse_unused
from sepconv_cli.conventions import Style
from sepconv_cli.errors import UsageError
from sepconv_cli.library.load import load
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.settings import grid
from sepconv_cli.reconcile.against import matches, printed
from sepconv_cli.reconcile.breakdown import reconcile
from sepconv_cli.reconcile.report import Reconciliation, reconciliation_report

Tools = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,...", help=f"The conventions to show. (default: all: {options.CONVENTIONS})"
    ),
]
RunTools = Annotated[
    bool,
    typer.Option(
        "--run", help="Run the installed tools on the built module, and say whether they agree."
    ),
]
Against = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBER", help="A number that was read somewhere, such as 4.12G: who gives it?"
    ),
]
Of = Annotated[
    str | None,
    typer.Option("--of", metavar="NAME", help="The tool that --against is said to come from."),
]
VariantName = Annotated[str, typer.Option("--variant", metavar="NAME", help="The variant.")]
Functions = Annotated[
    bool,
    typer.Option(
        "--functions",
        help="As if activations, pools and upsampling were functions in torch, not modules.",
    ),
]
StringPadding = Annotated[
    bool, typer.Option("--string-padding", help='As if padding="same" were a string in torch.')
]


def command(
    spec: options.SpecPath,
    settings: options.OneSetting = None,
    include: options.Include = None,
    inputs: options.ModelInputs = None,
    call: options.ModelCall = None,
    device: options.ModelDevice = "meta",
    variant: VariantName = "standard",
    chosen: VariantOptions = NO_OPTIONS,
    tools: Tools = None,
    run: RunTools = False,
    against: Against = None,
    of: Of = None,
    functions: Functions = False,
    string_padding: StringPadding = False,
    strict: options.Strict = False,
    no_cache: options.NoCache = False,
    format: options.Format = None,  # noqa: A002
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> int:
    """Say why tools disagree about a network: every convention's number, term by term."""
    if of and against is None:
        raise UsageError("--of needs --against", "such as --against 4.12G --of ptflops")
    number = None if against is None else printed(against)
    points = grid(settings or ())
    if len(points) > 1:
        raise UsageError("reconcile looks at one network: give each parameter one value")
    models = model_options([spec], inputs, call, points, device=device, use_cache=not no_cache)
    (case,) = cases(load(spec, include or (), models), points, [variant], chosen)
    wanted = [] if tools is None else [name.strip() for name in tools.split(",")]
    style = Style(functions, string_padding)
    columns = reconcile(case.network, wanted, style, run)
    asked = [of] if of else [column.convention.name for column in columns]
    found = matches(case.network, number, asked) if number else []
    result = Reconciliation(case, style, columns, number, found)
    write(reconciliation_report(result), format, output)
    unused = refuse_unused([case], strict=strict, quiet=quiet)
    return max(_verdict(result, strict, quiet), int(unused))


def _verdict(result: Reconciliation, strict: bool, quiet: bool) -> int:
    """The exit code: 1 where a tool contradicts its convention or a layer is left out, if asked."""
    left_out = strict and any(column.gaps for column in result.columns)
    if left_out:
        to_stderr("--strict: not every convention counts every layer")
    wrong = [column for column in result.columns if column.run and column.run.status == "differs"]
    for column in wrong:
        assert column.run
        name, count = column.convention.name, column.count
        to_stderr(f"{column.run.tool} says {column.run.measured:,}, our {name} {count:,}")
    failed = [column for column in result.columns if column.run and column.run.why]
    for column in failed if not quiet else ():
        assert column.run
        to_stderr(f"hint: {column.run.tool}: {column.run.status}: {column.run.why}")
    return 1 if left_out or wrong else 0
