"""A device's profile from measurements, and how well a profile predicts them.

`table` reads measurements, `networks` finds what was measured, `drawing` fits and scores, `written`
puts a profile together, and `report` says how exact it is.
"""
