"""`Example`, `SequenceExample` and `TensorProto` messages, one at a time and in batches."""
