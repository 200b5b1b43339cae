"""Limits on what networks may cost: the project file, the verdicts, and how they are told."""
