"""What a network costs by formula, without torch. Tracing is in trace/."""

from sepconv_cli.cost.count import Cost, cost, total

__all__ = ["Cost", "cost", "total"]
