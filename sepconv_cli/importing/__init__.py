"""A model that somebody holds -> a spec: what it calls is recorded, translated to ops, written down.

`steps` is what every source comes to; `outline` makes a text of it that a person likes to read.
torch is imported by `record` and `prove` alone.
"""
