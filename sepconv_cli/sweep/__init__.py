"""A large grid of one spec: the program runs on numpy arrays, a block of points at a time.

`grid` reads the axes. An `Exact` number has a value at every point of a `Box`, and `runs` asks the
`Question` with such numbers until each point of a block has its answer. `select`, `write` and
`plot` take the blocks as they come.
"""
