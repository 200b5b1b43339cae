"""A large grid of one spec: the program runs once for each structure, numpy for all points.

`grid` reads the axes, `record` runs the program on numbers that write down what is done to
them (`many`, `tape`), `replay` does the same to whole blocks of points, and `select`, `write`
and `plot` take the blocks as they come.
"""
