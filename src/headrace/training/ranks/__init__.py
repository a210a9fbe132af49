"""The processes that train one network together: what they exchange, and how their failures are handled."""

from headrace.training.ranks.failures import SilentRankError
from headrace.training.ranks.join import join_ranks
from headrace.training.ranks.ranks import ALONE, Ranks
from headrace.training.ranks.replica import Replica, unwrap

__all__ = ["ALONE", "Ranks", "Replica", "SilentRankError", "join_ranks", "unwrap"]
