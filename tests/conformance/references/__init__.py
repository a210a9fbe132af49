"""Comparison of models with other implementations; `make conformance-vision` runs it."""
