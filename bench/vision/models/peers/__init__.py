"""One file a library, each with its `SIDE`."""
