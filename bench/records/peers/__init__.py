"""One file a library, each with its `SIDE`; `bench/requirements-NAME.txt` makes its environment."""

__all__ = ["PEERS"]

PEERS = ("tensorflow", "tfrecord", "protobuf", "parquet")
