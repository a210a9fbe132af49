"""One file per library, each with its `PEER`."""
