import pytest

from headrace.datasets.downloads import Download
from headrace.datasets.downloads.download import check_url
from headrace.errors import UsageError

SHA256 = "sha256:" + 64 * "0"


@pytest.mark.parametrize(
    "url", ["https://example.com/a", "http://127.0.0.1:80/a", "http://localhost/a", "http://[::1]:8/a"]
)
def test_https_and_http_to_this_machine_are_accepted(url):
    assert check_url(url).geturl() == url


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/a", "ftp://example.com/a", "file:///a", "https:///a", "a", ""),
        *("http://10.0.0.1/a", "http://127.0.0.1.example.com/a", "http://[::1/a", "https://[/a"),
    ],
)
def test_other_urls_are_refused(url):
    with pytest.raises(UsageError, match="expected https, or http to this machine"):
        check_url(url)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("http://example.com/a", "a", SHA256, 1), "expected https"),
        (("", "a", SHA256, 1), "a: no URL; say how to fetch the file: instructions="),
        (
            ("https://example.com/a", "a", "sha256:00", 1),
            "expected 'sha256:' and 64 lower-case .* 'sha256:00'",
        ),
        (("https://example.com/a", "a", "sha1:" + 40 * "0", 1), "expected 'sha256:'"),
        (("https://example.com/a", "a", "sha256:" + 64 * "G", 1), "expected 'sha256:'"),
        (("https://example.com/a", "a/b", SHA256, 1), "not the name of a file: 'a/b'"),
        (("https://example.com/a", "..", SHA256, 1), r"not the name of a file: '\.\.'"),
        (("https://example.com/a", "a", SHA256, 0), "expected the size in bytes, got 0"),
    ],
)
def test_a_download_that_cannot_work_is_refused(arguments, message):
    with pytest.raises(UsageError, match=message):
        Download(*arguments)
