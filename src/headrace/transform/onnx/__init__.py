"""Lower a graph to ONNX."""
