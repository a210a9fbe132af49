"""Requests over TLS, and what servers say of waiting."""

import hashlib
import shutil
import ssl
import subprocess
import time
from email.utils import formatdate

import pytest
from tests.datasets.publisher import answer, serve

from headrace.datasets.downloads import Download, Retries, fetch
from headrace.datasets.downloads.request import _read_wait
from headrace.errors import UsageError

DATA = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate of this machine, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("the program openssl is not installed")
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    curve, name = "-newkey ec -pkeyopt ec_paramgen_curve:P-256", "-subj /CN=localhost"
    options = f"-x509 {curve} -nodes -days 2 {name} -addext subjectAltName=IP:127.0.0.1".split()
    files = ["-keyout", str(path), "-out", str(path.with_suffix(".crt"))]
    subprocess.run(["openssl", "req", *options, *files], check=True, capture_output=True)
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


@pytest.fixture
def publisher(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serve(context) as publisher:
        publisher.files["data.bin"] = DATA
        yield publisher


@pytest.fixture
def download(publisher):
    checksum = "sha256:" + hashlib.sha256(DATA).hexdigest()
    return Download(f"{publisher.url}/data.bin", "data.bin", checksum, len(DATA))


@pytest.fixture
def trusted(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_suffix(".crt")))


@pytest.mark.usefixtures("trusted")
def test_a_file_is_fetched_by_https(download, tmp_path):
    assert download.url.startswith("https://")
    assert fetch(download, tmp_path).read_bytes() == DATA


def test_an_unknown_certificate_is_refused_at_once(download, tmp_path):
    waits = []
    with pytest.raises(UsageError, match="certificate verify failed"):
        fetch(download, tmp_path, retries=Retries(sleep=waits.append))
    assert waits == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("trusted")
def test_a_redirect_from_https_to_http_is_refused(publisher, download, tmp_path):
    publisher.faults.append(answer(302, Location="http://127.0.0.1:1/data.bin"))
    with pytest.raises(UsageError, match=r"redirects from https to http://127\.0\.0\.1:1/data\.bin"):
        fetch(download, tmp_path)
    publisher.faults.append(answer(302, Location="/data.bin"))
    assert fetch(download, tmp_path).read_bytes() == DATA


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *[("7", 7), (" 0 ", 0), ("", None), ("soon", None), ("-3", None), ("9" * 400, None)],
        *[("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sun, 99 Nov 1994 08:49:37 GMT", None)],
    ],
)
def test_seconds_to_wait_are_read_as_the_header_has_them(text, seconds):
    assert _read_wait(text) == seconds


def test_a_date_to_wait_for_is_seconds_from_now():
    assert 3_500 < _read_wait(formatdate(time.time() + 3_600, usegmt=True)) <= 3_600
