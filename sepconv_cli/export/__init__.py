"""A network as a file for other programs, with weights that are zeros, random or given."""
