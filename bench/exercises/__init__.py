"""The exercises of `docs/exercises` beside the same in Keras, from raw files to an exported model."""
