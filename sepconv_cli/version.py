"""The program's version: a file of its own, so that what needs it needs nothing else."""

__version__ = "0.1.0"
