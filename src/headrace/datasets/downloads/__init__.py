"""Downloads of the publishers' files, checked against their checksums before they get their names."""

from headrace.datasets.downloads.download import Download
from headrace.datasets.downloads.fetch import check_file, fetch
from headrace.datasets.downloads.fetch_all import fetch_all
from headrace.datasets.downloads.retries import Retries

__all__ = ["Download", "Retries", "check_file", "fetch", "fetch_all"]
