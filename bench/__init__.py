"""Benchmarks side by side against peers, each in an environment of its own."""
