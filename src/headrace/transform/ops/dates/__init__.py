"""Row-wise ops on dates and times: parsing, calendar fields, elapsed time."""

from headrace import discovery
from headrace.transform.ops.dates.date_part import date_part
from headrace.transform.ops.dates.elapsed import elapsed
from headrace.transform.ops.dates.parse import parse_date, parse_timestamp

__all__ = [
    "date_part",
    "elapsed",
    "parse_date",
    "parse_timestamp",
]

discovery.import_modules(__name__, skip=["onnx_dates"])
