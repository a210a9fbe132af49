"""Ops that look values up in vocabularies."""
