"""Write a commented starter spec, and the schema that helps an editor with it."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sepconv_cli.commands._output import to_file, to_stdout
from sepconv_cli.errors import UsageError
from sepconv_cli.library.schema import schema

SCHEMA = "sepconv.schema.json"
STARTER = f"""\
# yaml-language-server: $schema={SCHEMA}
name: My network
input: [3, resolution, resolution] # channels, then the sizes; no batch
parameters: {{width: 1.0, resolution: 64, classes: 10}} # sepconv compare FILE --set width=0.5,1

blocks:
  unit: # layers that recur, with parameters of their own
    parameters: {{channels: required, stride: 1}}
    layers:
      - conv: {{out_channels: int(channels * width), kernel_size: 3, stride: stride, padding: 1}}
      - batch_norm
      - relu

layers:
  - unit: {{channels: 32, stride: 2}}
    rewrite: false # the stem stays as it is in every variant
  - unit: {{channels: 64}}
  - residual: # adds what arrives to what these layers make of it
      - unit: {{channels: 64}}
      - unit: {{channels: 64}}
  - unit: {{channels: 128, stride: 2}}
  - global_avg_pool
  - flatten
  - linear: {{out_features: classes}}

variants: # without this, the four that are usually compared
  standard: {{}}
  depthwise_separable: {{between: [batch_norm, relu]}}
  blueprint_u: {{}}
"""

FileName = Annotated[Path, typer.Argument(metavar="FILE", help="The spec to write.")]


def command(file: FileName = Path("network.yaml")) -> int:
    """Write a commented starter spec, and the schema that helps an editor with it."""
    if file.exists():
        raise UsageError(f"{file} is there already", "name another file: sepconv init other.yaml")
    text = msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode() + "\n"
    to_file(STARTER, file)
    to_file(text, file.parent / SCHEMA)
    to_stdout(f"wrote {file} and {file.parent / SCHEMA}\nnext: sepconv compare {file}\n")
    return 0
