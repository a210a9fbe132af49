"""The builders of the catalogue: a room for each kind of data, one module per data set.

A module defines a `DatasetBuilder`; being there, it is in the catalogue.
"""
