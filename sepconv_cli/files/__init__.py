"""Rows to a file as they come: Parquet, CSV or JSON lines, by the file's ending."""

EXTRA = "pip install 'sepconv[batch]'"
"""How to get what Parquet, grids, addresses and Dask need."""
