"""Benchmarks against peers, each in its own environment."""
