"""The TFRecord container: framing, scanning, recovery, indexes and shard names."""
