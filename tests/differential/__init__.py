"""Generated files, read by Headrace and by a reference: `python -m tests.differential`, part of `make fuzz`.

Each module compares one format on files that it generates from a seed. A difference is a bug, or a rule that
the module's docstring states.
"""
