"""Costs side by side: the cases' rows, ratios to the standard variant, agreement of the engines."""
