"""A network's time, taken by real runtimes."""
