"""Where one variant becomes cheaper than another: for a layer, and for the layers of a network.

`costs` counts a convolution by every variant with the formulas that count everything, `rules`
finds where two of them cross, `report` puts it into tables and words, `plot` draws it.
"""
