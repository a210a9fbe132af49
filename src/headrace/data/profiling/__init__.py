"""Profile a pipeline: what each stage costs, which one limits the rate, and the change that helps."""

from __future__ import annotations

from headrace.data.profiling.measure import profile_dataset
from headrace.data.profiling.meters import MODEL, TENSORS, Recorder, Span
from headrace.data.profiling.profile import Profile
from headrace.data.profiling.stage_profile import StageProfile
from headrace.data.profiling.training import ProfiledBatches
from headrace.data.profiling.verdict import Verdict

__all__ = [
    "MODEL",
    "TENSORS",
    "Profile",
    "ProfiledBatches",
    "Recorder",
    "Span",
    "StageProfile",
    "Verdict",
    "profile_dataset",
]
