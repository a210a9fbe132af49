"""Files: file systems, atomic writes and compression."""
