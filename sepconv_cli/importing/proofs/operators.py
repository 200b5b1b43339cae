"""A second opinion on the arithmetic: fvcore on the model and on the module built from the spec."""

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from inspect import signature
from typing import Any

import torch
from fvcore.nn import FlopCountAnalysis

from sepconv_cli.errors import first_line
from sepconv_cli.importing.proofs.outputs import Given
from sepconv_cli.importing.proofs.proof import Counterpart, Proof, refuse
from sepconv_cli.importing.proofs.values import Unprovable, random_inputs, runnable
from sepconv_cli.importing.proofs.weights_alone import on_weights_alone
from sepconv_cli.trace import TraceError
from sepconv_cli.trace.count import fvcore_counts

# The same products go by any of these, as it pleases torch.
_PRODUCTS = frozenset({"linear", "matmul", "addmm", "bmm", "mm", "einsum"})
# fvcore reads the products of an einsum from a text of NumPy's, which has four digits.
_ROUNDING = 5e-4
# Operators of torch that fvcore sees nothing of where they stand whole, and the ops that they are.
_WHOLE = {
    "scaled_dot_product_attention": "scaled_dot_product_attention",
    **{"lstm": "lstm", "gru": "gru", "rnn_tanh": "rnn", "rnn_relu": "rnn"},
}


def prove_operators(found: Counterpart, given: Given) -> Proof:
    """Equal in every operator that both see; products of matrices are one. Raises SpecError."""
    try:
        theirs, unseen, rounded = _of_the_model(given)
        ours = _of_the_spec(found, unseen)
    except (Unprovable, TraceError) as error:
        return Proof("operators", f"fvcore not asked: {error}", None)
    weights = on_weights_alone(given.tape, given.layouts)
    theirs.subtract(weights)
    theirs = +theirs
    both = sorted((theirs.keys() & ours.keys()) | ({"conv", "products"} & (theirs | ours).keys()))
    more = {name: theirs[name] - ours[name] for name in both}
    # What nobody could tell may have multiplied too.
    opaque = any(step.op.is_opaque for step in found.recorded.steps)
    refuse(
        "fvcore's operators",
        [
            f"{name} is {theirs[name]:,} in the model, {ours[name]:,} in the spec"
            for name, n in more.items()
            if abs(n) > (rounded if name == "products" else 0) and not (opaque and n > 0)
        ],
    )
    line = f"fvcore's {', '.join(both) or 'operators'} equal"
    one = sorted((theirs.keys() ^ ours.keys()) - set(both))
    alone = [f"{name} seen in the {'model' if name in theirs else 'spec'} alone" for name in one]
    known = [f"without {n:,} of {name} on weights" for name, n in weights.items() if n]
    einsum = ["but for what it rounds of einsum"] if rounded and more.get("products") else []
    unknown = [f"but for {n:,} of {name} in opaque functions" for name, n in more.items() if n > 0]
    said = unknown if opaque else einsum
    line = "; ".join((line, *said, *known, *alone))
    return Proof("operators", line, None if opaque and unknown else True)


def _of_the_model(given: Given) -> tuple[Counter[str], set[str], float]:
    """fvcore's counts by operator, the ops that it sees nothing of, and what it may round."""
    model = runnable(given.model)
    inputs, keywords = random_inputs((given.inputs, dict(given.keywords)))
    bound = signature(model.forward).bind(*inputs, **keywords)
    if bound.kwargs:
        raise Unprovable("it knows no inputs that have no place but a name")
    analysis = FlopCountAnalysis(model, bound.args)
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    try:
        with warnings.catch_warnings(), torch.no_grad(), _attention_in_steps():
            warnings.simplefilter("ignore")
            counts = analysis.by_operator()
            unseen = {name.removeprefix("aten::") for name in analysis.unsupported_ops()}
    except Exception as error:
        raise Unprovable(f"it fails on the model: {first_line(error)}") from error
    rounded = _ROUNDING * counts.get("einsum", 0)
    return _named(counts), {op for name, op in _WHOLE.items() if name in unseen}, rounded


@contextmanager
def _attention_in_steps() -> Iterator[None]:
    """While this lasts, torch's modules of attention don't run as one operator, of which fvcore
    sees nothing."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def _of_the_spec(found: Counterpart, unseen: set[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for node, traced in zip(found.network.nodes, fvcore_counts(found.network), strict=True):
        if node.op.name not in unseen:
            counts.update(_named(traced.operators))
    return counts


def _named(counts: Mapping[str, Any]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, count in counts.items():
        found["products" if name in _PRODUCTS else name] += int(count)
    return +found
