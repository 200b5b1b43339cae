"""A model that somebody holds -> a spec: its calls are recorded, translated, written down.

`steps` is what every source comes to; `outline` makes a text of it that a person likes to read.
torch is imported by `record` alone.
"""
