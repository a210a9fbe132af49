"""Networks of well-known layers in a row as ONNX, without torch's exporter, which takes seconds to start."""

from headrace.deploy.sequential.lower_sequential import lower_sequential

__all__ = ["lower_sequential"]
