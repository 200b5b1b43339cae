"""A vector for each index."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor
from sepconv_cli.ops._axes import Positive


class Embedding(Op, frozen=True, kw_only=True):
    """A learned vector for each index (torch.nn.Embedding): L -> embedding_dim x L.

    The input is flat: L indices below num_embeddings. Vectors are looked up and not multiplied.
    """

    num_embeddings: Positive
    embedding_dim: Positive

    uncounted = frozenset({"aten::embedding"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        if x.size:
            yield Complaint(
                f"embedding needs a flat input of indices, but {x} arrives",
                hint="an input of [length] holds an index for each position",
            )

    def output_shape(self, x: Tensor) -> Tensor:
        return Tensor(self.embedding_dim, (x.channels,))

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        return {"weight": (self.num_embeddings, self.embedding_dim)}

    def parameters(self, x: Tensor) -> int:
        return self.num_embeddings * self.embedding_dim

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {"num_embeddings": self.num_embeddings, "embedding_dim": self.embedding_dim}
        return (("Embedding", call),)
