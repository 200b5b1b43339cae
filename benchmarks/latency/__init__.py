"""Predicted against measured latency, over timm's published tables.

`layers.jsonl.xz` has the work of every network of the tables, `measured.csv.xz` the tables (timm,
results/benchmark-infer-*.csv of huggingface/pytorch-image-models, commit aa4b585, Apache-2.0).
"""
