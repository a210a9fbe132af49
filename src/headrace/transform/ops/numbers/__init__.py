"""Ops on numbers."""
