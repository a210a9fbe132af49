"""One request for the bytes of a file from an offset on."""

from __future__ import annotations

import re
import ssl
import time
import urllib.request
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage, HTTPResponse
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError, URLError

from headrace.datasets.downloads.download import check_url
from headrace.datasets.downloads.retries import RequestError
from headrace.errors import UsageError

__all__ = ["Response", "open_url"]

_TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504})
_RANGE_REFUSED = 416
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)


class Response:
    """The body of a response, as a context manager.

    Attributes:
        start: The offset of its first byte in the file.
        file_size: The size of the file in bytes, as far as the server says it.
        encoding: The content encoding: "identity" or "gzip".
        validator: A strong ETag, or the date of the last change; "" if the server sends neither.
    """

    def __init__(self, response: HTTPResponse) -> None:
        self._response = response
        headers = response.headers
        self.start, self.file_size = _read_range(response)
        self.encoding = headers.get("Content-Encoding", "identity").strip().lower()
        tag = headers.get("ETag", "").strip()
        self.validator = tag if tag.startswith('"') else headers.get("Last-Modified", "").strip()

    def read(self, size: int) -> bytes:
        """Read what has arrived, at most `size` bytes; b"" at the end.

        Raises:
            RequestError: The connection broke off or stalls.
        """
        try:
            return self._response.read1(size)
        except (OSError, HTTPException, ValueError) as error:
            raise _convert(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._response.close()


def open_url(url: str, start: int, validator: str, timeout: float) -> Response:
    """Request a file.

    Args:
        url: https, or http to this machine.
        start: The offset of the first byte wanted; the server may ignore it.
        validator: Of the bytes before `start`: with another one, the server sends the whole file.
        timeout: Seconds without a byte.

    Raises:
        RequestError: The server cannot be reached, or answers with an error.
        UsageError: The URL, or a redirect, leads to another protocol.
    """
    host = check_url(url).scheme
    request = urllib.request.Request(url, headers={"User-Agent": "headrace", "Accept-Encoding": "identity"})
    if start:
        request.add_header("Range", f"bytes={start}-")
        if validator:
            request.add_header("If-Range", validator)
    proxies = urllib.request.ProxyHandler(None if host == "https" else {})
    try:
        opened = urllib.request.build_opener(proxies, _Redirects()).open(request, timeout=timeout)
    except (OSError, HTTPException, ValueError) as error:
        raise _convert(error) from error
    try:
        return Response(opened)
    except BaseException:
        opened.close()
        raise


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = 10

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if check_url(newurl).scheme != "https" and req.type == "https":
            raise UsageError(f"redirects from https to {newurl[:300]}", path=req.full_url)
        fp.close()  # the caller would read all of its body
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _read_range(response: HTTPResponse) -> tuple[int, int | None]:
    """Return the offset of the first byte and the size of the file."""
    if response.status == 206:
        match = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
        if match is None:
            raise RequestError("no Content-Range in a partial response", is_temporary=True, is_changed=True)
        return int(match[1]), None if match[3] == "*" else int(match[3])
    length = response.headers.get("Content-Length", "").strip()
    return 0, int(length) if _NUMBER.fullmatch(length) else None


def _convert(error: Exception) -> RequestError:
    if isinstance(error, HTTPError):
        error.close()
        what = f"{error.code} {str(error.reason)[:100]}".rstrip()
        return RequestError(
            f"the server answers {what}"
            if error.code >= 400
            else f"redirects too often, or elsewhere than to https ({error.code})",
            is_temporary=error.code in _TEMPORARY or error.code == _RANGE_REFUSED,
            wait=_read_wait(error.headers.get("Retry-After", "")),
            is_changed=error.code == _RANGE_REFUSED,
        )
    cause = error.reason if isinstance(error, URLError) else error
    is_temporary = isinstance(error, OSError | HTTPException)
    if isinstance(cause, TimeoutError):
        return RequestError("the server stalls", is_temporary=True)
    is_temporary = is_temporary and not isinstance(cause, ssl.SSLCertVerificationError)
    what = (cause.strerror if isinstance(cause, OSError) else None) or str(cause) or type(cause).__name__
    return RequestError(what[:300], is_temporary=is_temporary)


def _read_wait(text: str) -> float | None:
    """Return the seconds of a Retry-After header: a number, or a date."""
    if _NUMBER.fullmatch(text.strip()):
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
