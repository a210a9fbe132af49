"""One file per library, each with its `PEER`; `bench/requirements-NAME.txt` defines its environment."""
