"""Why tools disagree about a network, term by term, and where a number comes from."""
