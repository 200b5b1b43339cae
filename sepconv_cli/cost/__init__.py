"""What a network costs by formula, without torch. Tracing is in trace/."""

from sepconv_cli.cost.count import Cost, cost, total
from sepconv_cli.cost.memory import peak_activations
from sepconv_cli.cost.receptive import ReceptiveField, receptive_fields

__all__ = ["Cost", "ReceptiveField", "cost", "peak_activations", "receptive_fields", "total"]
