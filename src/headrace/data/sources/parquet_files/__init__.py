"""Parquet files: opened, checked, compared with each other, and read by row group."""
