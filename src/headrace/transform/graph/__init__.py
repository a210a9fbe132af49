"""The graph of a preprocessing function: nodes, ops, analyzers, and their JSON form."""
