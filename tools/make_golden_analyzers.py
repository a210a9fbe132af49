"""Write tests/golden/analyzers.json: stored forms of every analyzer that later versions must still read.

    python tools/make_golden_analyzers.py     # made at commit 25302eb, before the modules of analyzers moved

Each case has an analyzer in the form of graph JSON, its accumulator in the form of state cache keys, the
bytes of a state (base64), and the statistic of that state. Run the tool again only to add cases: existing
files and caches contain the old forms.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.conformance.analyzer_cases import CASES  # noqa: E402
from tests.conformance.analyzer_inputs import columns  # noqa: E402
from tests.conformance.test_analyzers import state_of  # noqa: E402

from headrace.transform.graph.serializable import serialize  # noqa: E402

GOLDEN = ROOT / "tests" / "golden" / "analyzers.json"


def plain(value: Any) -> Any:
    """Convert a statistic to JSON; floats by their repr, which is exact and includes NaN."""
    if isinstance(value, pa.Array):
        return value.to_pylist()
    array = np.asarray(value)
    return [list(array.shape), str(array.dtype), [repr(each) for each in array.reshape(-1).tolist()]]


def main() -> None:
    """Write the file, one case per line."""
    lines: list[str] = []
    for name, cases in sorted(CASES.items()):
        for case in cases[:: max(1, len(cases) // 4)]:
            accumulator = case.analyzer.accumulator
            data = accumulator.dump(state_of(accumulator, columns(case, 20, 1), np.arange(20)))
            stored = {
                "name": name,
                "analyzer": serialize(case.analyzer),
                "accumulator": serialize(accumulator),
                "state": base64.b64encode(data).decode(),
                "result": plain(case.analyzer.result(accumulator.load(data))),
            }
            lines.append(json.dumps(stored))
    GOLDEN.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
