"""Where one variant becomes cheaper than another: for a layer, and for the layers of a network.

`contest` says what is compared, `crossings` finds where the costs of two variants cross, `report`
puts it into tables and words, `plot` draws it. What a layer costs is counted in cost/per_layer.py.
"""
