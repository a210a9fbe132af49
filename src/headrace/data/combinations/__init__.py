"""Combinations of datasets: concatenated, zipped, interleaved, or mixed by weights."""

from __future__ import annotations

from headrace.data.combinations.combination import Combination, Input
from headrace.data.combinations.concatenate import Concatenation
from headrace.data.combinations.interleave import Interleaving
from headrace.data.combinations.methods import DatasetCombinations
from headrace.data.combinations.mix import Mixture
from headrace.data.combinations.zip import Zip

__all__ = ["Combination", "Concatenation", "DatasetCombinations", "Input", "Interleaving", "Mixture", "Zip"]
