"""From a description to networks: blocks, repeats and branches written out; cases chosen."""
