"""Ops on lists (ragged columns)."""
