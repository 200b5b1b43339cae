"""What a network takes by formula, without torch: memory over time, receptive fields."""

from sepconv_cli.cost.folded import folded_levels
from sepconv_cli.cost.memory import levels, peak_activations
from sepconv_cli.cost.receptive import ReceptiveField, receptive_fields

__all__ = ["ReceptiveField", "folded_levels", "levels", "peak_activations", "receptive_fields"]
