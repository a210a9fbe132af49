"""What a model reads and answers, as text, and as a program of plain ONNX Runtime."""

from headrace.serving.explanation.describe_model import describe_model
from headrace.serving.explanation.write_snippet import write_snippet

__all__ = ["describe_model", "write_snippet"]
