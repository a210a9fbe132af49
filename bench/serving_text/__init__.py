"""One model of texts, served by ONNX Runtime and, as a SavedModel, by TensorFlow: CPU seconds and memory.

    python -m bench.serving_text                                   # three kinds of texts, several minutes
    python -m bench.serving_text --workloads generated --rounds 3

Each peer has a warm process with one thread. Peers alternate; the pass that took fewest CPU seconds counts.
"""
