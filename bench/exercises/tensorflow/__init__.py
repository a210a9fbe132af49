"""The exercises in TensorFlow and Keras, cell by cell as those in `docs/exercises`."""
