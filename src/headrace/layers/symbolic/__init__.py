"""Layers in a network that is being exported; used by `headrace.deploy`."""

from headrace.layers.symbolic.symbolic_call import (
    LAYER_DOMAIN,
    SIZE_OP,
    LayerCalls,
    RecordedLayer,
    StringStandIn,
    record_calls,
    recorder,
    symbolic_type,
)

__all__ = [
    "LAYER_DOMAIN",
    "SIZE_OP",
    "LayerCalls",
    "RecordedLayer",
    "StringStandIn",
    "record_calls",
    "recorder",
    "symbolic_type",
]
