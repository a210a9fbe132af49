"""The face of `headrace.cli.drawing`: every name loads, and tables load without matplotlib."""

from __future__ import annotations

import subprocess
import sys

from headrace.cli import drawing


def test_every_name_of_the_face_loads() -> None:
    for name in drawing.__all__:
        assert getattr(drawing, name).__name__ == name


def test_tables_load_without_matplotlib() -> None:
    program = "import sys; from headrace.cli.drawing import make_table; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
