"""File formats that a pipeline reads and writes."""
