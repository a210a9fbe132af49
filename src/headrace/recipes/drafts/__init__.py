"""Write first recipes for raw data, one module for each kind of data."""

from headrace.recipes.drafts.init import Draft, init

__all__ = ["Draft", "init"]
