"""The 14 profiles of timm's tables, drawn again: `python -m benchmarks.latency.profiles`.

Each is fitted to the known half of its table, convolutional networks and transformers, and scored
on the convolutional networks of the half that was held out.
"""

from pathlib import Path

from benchmarks.latency.drawn import measured
from benchmarks.latency.tables import Table, read_tables
from sepconv_cli.latency import find
from sepconv_cli.latency.draw import errors_of, fitted_to, scored, seen_in
from sepconv_cli.latency.fit import fitted
from sepconv_cli.latency.formula import FORM, VERSION
from sepconv_cli.latency.prior import plain_prior
from sepconv_cli.latency.profile import Profile, profile_json

FOLDER = Path(find.__file__).parent / "devices"
DATE = "2026-11-21"
_TITLES = {
    "rtx3090": "NVIDIA GeForce RTX 3090",
    "rtx4090": "NVIDIA GeForce RTX 4090",
    "4090": "NVIDIA GeForce RTX 4090",
    "pro6000maxq": "NVIDIA RTX PRO 6000 Blackwell Max-Q",
    "i9_10940x": "Intel Core i9-10940X, 14 cores",
}
_NAMES = {
    "amp-nchw-pt113-cu117-rtx3090": "rtx3090-amp-pt113",
    "amp-nchw-pt210-cu121-rtx3090": "rtx3090-amp-pt210",
    "amp-nchw-pt240-cu124-rtx3090": "rtx3090-amp",
    "amp-nhwc-pt113-cu117-rtx3090": "rtx3090-amp-nhwc-pt113",
    "amp-nhwc-pt210-cu121-rtx3090": "rtx3090-amp-nhwc-pt210",
    "amp-nhwc-pt240-cu124-rtx3090": "rtx3090-amp-nhwc",
    "amp-nchw-pt240-cu124-rtx4090": "rtx4090-amp",
    "amp-nchw-pt240-cu124-rtx4090-dynamo": "rtx4090-amp-compiled",
    "amp-nchw-pt291-cu128-4090": "rtx4090-amp-pt291",
    "amp-nchw-pt291-cu128-4090-dynamo": "rtx4090-amp-pt291-compiled",
    "amp-nchw-pt291-cu130-pro6000maxq-dynamo": "rtxpro6000-amp-compiled",
    "amp_bf16-nchw-pt291-cu130-pro6000maxq-dynamo": "rtxpro6000-bf16-compiled",
    "fp32-nchw-pt221-cpu-i9_10940x-dynamo": "i9-10940x-pt221",
    "fp32-nchw-pt240-cpu-i9_10940x-dynamo": "i9-10940x",
}
_SOURCE = (
    "timm, results/benchmark-infer-{}.csv "
    "(huggingface/pytorch-image-models, commit aa4b585, Apache-2.0)"
)


def drawn_profile(table: Table) -> Profile:
    """A table's profile."""
    points = table.known() + table.known(convolves=False)
    coefficients = fitted(measured(points), plain_prior())
    precision, layout, torch, cuda, *device = table.name.removesuffix("-dynamo").split("-")
    samples = sorted(each.measured.samples for each in points)
    return Profile(
        name=_NAMES[table.name],
        title=_TITLES[device[-1]],
        form=FORM,
        version=VERSION,
        precision={"fp32": "float32", "amp_bf16": "amp, bfloat16"}.get(precision, precision),
        layout=layout,
        compiled=table.compiled,
        runtime="torch",
        software=f"PyTorch {_dotted(torch)}" + (f", CUDA {_cuda(cuda)}" if cuda != "cpu" else ""),
        batch_size=max(set(samples), key=samples.count),
        batch_sizes=(samples[0], samples[-1]),
        source=_SOURCE.format(table.name),
        date=DATE,
        fitted=fitted_to(measured(points)),
        errors=errors_of(scored(coefficients, measured(table.unknown()))),
        coefficients=coefficients,
        seen=seen_in(measured(points)),
    )


def _dotted(torch: str) -> str:
    """`pt240` is 2.4.0."""
    return "1.13" if torch == "pt113" else ".".join(torch.removeprefix("pt"))


def _cuda(cuda: str) -> str:
    return f"{cuda[2:4]}.{cuda[4:]}"


def main() -> None:
    """Write every profile over the one that is there."""
    for table in read_tables():
        profile = drawn_profile(table)
        (FOLDER / f"{profile.name}.json").write_text(profile_json(profile))
        print(profile.name, profile.errors.median_error, flush=True)


if __name__ == "__main__":
    main()
