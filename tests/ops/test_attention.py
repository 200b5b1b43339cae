"""The modules of ours that stand for torch's attention and embedding are those of torch."""

import pytest
import torch
from torch import nn

from sepconv_cli import compare, loads
from sepconv_cli.network import Tensor
from sepconv_cli.ops.multi_head_attention import MultiHeadAttention
from sepconv_cli.trace import build

CHANNELS, LENGTH = 12, 7


@pytest.mark.parametrize("heads", [1, 3])
@pytest.mark.parametrize("bias", [True, False])
def test_attention_computes_what_torch_computes(heads: int, bias: bool) -> None:
    """With torch's weights, it puts out torch's numbers, and has as many parameters."""
    theirs = nn.MultiheadAttention(CHANNELS, heads, bias=bias, batch_first=True).eval()
    ours = build.AttentionModule(CHANNELS, heads, bias)
    weights = [*theirs.in_proj_weight.chunk(3), theirs.out_proj.weight]
    biases = [*theirs.in_proj_bias.chunk(3), theirs.out_proj.bias] if bias else []
    state = dict(zip(("query", "key", "value", "output"), weights, strict=True))
    ours.load_state_dict(
        {f"{name}.weight": weight.unsqueeze(2) for name, weight in state.items()}
        | {f"{name}.bias": values for name, values in zip(state, biases, strict=False)}
    )
    x = torch.randn(2, CHANNELS, LENGTH)
    along = x.transpose(1, 2)
    expected, _ = theirs(along, along, along)
    assert torch.allclose(ours(x), expected.transpose(1, 2), atol=1e-6)
    count = sum(parameter.numel() for parameter in theirs.parameters())
    op = MultiHeadAttention(num_heads=heads, bias=bias)
    assert op.parameters(Tensor(CHANNELS, (LENGTH,))) == count


@pytest.mark.parametrize("norm", ["layer_norm", "instance_norm"])
def test_a_network_on_indices_is_traced(norm: str) -> None:
    """instance_norm is traced on a sample, whose numbers are no indices."""
    spec = loads(
        "input: [9]\nlayers:\n"
        "  - embedding: {num_embeddings: 50, embedding_dim: 8}\n"
        f"  - {norm}\n"
        "  - multi_head_attention: {num_heads: 2}\n"
    )
    (row,) = compare(spec, variants=["standard"], engine="both").rows
    assert row.agrees
    assert row["count"] == 4 * 9 * 8 * 8 + 2 * 9 * 9 * 8
    assert row["activations"] == 5 * 9 * 8 + 2 * 9 * 9
