"""How long a network takes on a device: a formula, and the numbers of each device.

`work` says what of a node takes time, `formula` how long that takes, `profile` holds the numbers
of one device, `find` knows where profiles are, and `device` puts them together.
"""
