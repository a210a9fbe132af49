"""Convert Arrow columns to JSON text, one value per row, and back.

column                        JSON
booleans, numbers             true, 12, 0.5; float32 with the fewest digits that round-trip; NaN is null
strings                       "text"; only control characters, quotes and backslashes are escaped
bytes                         {"base64": "/9j/4AAQ"}
dates, times, durations       "2026-11-24", "12:30:00", as Arrow writes them; "5" of the unit
lists, tensors                [1, 2], [[1, 2], [3, 4]]; null among floats is read as NaN
structs                       {"a": 1}
missing values                null; an absent key is missing, too

Of JSON, what Python's `json` reads is read, with its values, except that a key may not occur twice in an
object, that half a surrogate pair and a number beyond float64 are errors, and that a line nests at most 64
levels deep. A column declared as string takes values of any type, as they are written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.lazy_names import load_on_use as _load_on_use

if TYPE_CHECKING:
    from headrace.data.json_values.documents import DocumentLines, is_array
    from headrace.data.json_values.encode import BASE64, to_json, to_json_lines
    from headrace.data.json_values.infer_types import JsonLineSurvey
    from headrace.data.json_values.parse import JsonLineParser, from_json

__all__ = [
    "BASE64",
    "DocumentLines",
    "JsonLineParser",
    "JsonLineSurvey",
    "from_json",
    "is_array",
    "to_json",
    "to_json_lines",
]

__getattr__, __dir__ = _load_on_use(
    __name__,
    {
        "BASE64": "encode",
        "DocumentLines": "documents",
        "JsonLineParser": "parse",
        "JsonLineSurvey": "infer_types",
        "from_json": "parse",
        "is_array": "documents",
        "to_json_lines": "encode",
        "to_json": "encode",
    },
)
