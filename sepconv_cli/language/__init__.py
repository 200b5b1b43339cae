"""From YAML text to a typed description that remembers where each value was written."""
