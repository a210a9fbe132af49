"""The command line limits how long threads of OpenMP spin, unless the user has chosen."""

import os
import subprocess
import sys

import pytest

SHOW = """
import os, sys
from headrace.cli import main
try:
    main(["--help"])
finally:
    print(os.environ.get("GOMP_SPINCOUNT"), "torch" in sys.modules)
"""
NAMES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [({}, "5000"), ({"GOMP_SPINCOUNT": "9"}, "9"), ({"OMP_WAIT_POLICY": "active"}, "None")],
)
def test_the_command_line_limits_spinning_before_torch_loads(chosen: dict[str, str], expected: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in NAMES} | chosen
    done = subprocess.run([sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == f"{expected} False"
