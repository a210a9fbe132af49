"""`python -m headrace`: the command line where the `headrace` command is not on the path."""

from headrace.cli import main

main()
