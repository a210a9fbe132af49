"""Against a web server on this machine, with every fault of servers and connections."""

import hashlib
import itertools
import resource
import signal
import socket
import subprocess
import sys
from dataclasses import replace

import pytest
from tests.datasets.publisher import (
    answer,
    drip,
    drop,
    label_gzip,
    redirect_with_endless_body,
    say_length,
    send,
    send_gzip,
    send_range,
    send_without_length,
    stall,
)
from tests.waiting import wait_until

from headrace.datasets.downloads import Download, Retries, fetch
from headrace.errors import UsageError

DATA = b"".join(number.to_bytes(4, "little") for number in range(50_000))  # 200,000 bytes
OTHER = bytes(reversed(DATA))
SHA256 = "sha256:" + hashlib.sha256(DATA).hexdigest()
NONE = "sha256:" + 64 * "0"


@pytest.fixture
def download(publisher):
    publisher.files["data.bin"] = DATA
    return Download(f"{publisher.url}/data.bin", "data.bin", SHA256, len(DATA))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "there" / "new"


@pytest.fixture
def waits():
    """The seconds that a download has waited before its attempts, without waiting."""
    return []


@pytest.fixture
def retries(waits):
    return Retries(timeout=20, sleep=waits.append)


def names(folder):
    return [path.name for path in folder.iterdir()]


def starts(publisher):
    return [int(wanted.removeprefix("bytes=").rstrip("-") or 0) for _, wanted in publisher.requests]


@pytest.mark.parametrize("checksum", [SHA256, "md5:" + hashlib.md5(DATA).hexdigest()])
def test_a_file_is_downloaded_once(publisher, download, folder, checksum):
    download = replace(download, checksum=checksum)
    assert fetch(download, folder).read_bytes() == DATA
    assert fetch(download, folder) == folder / "data.bin"
    assert len(publisher.requests) == 1
    assert names(folder) == ["data.bin"]


@pytest.mark.parametrize(
    ("faults", "expected_starts", "expected_waits"),
    [
        pytest.param([drop(70_000), drop(30_000)], [0, 70_000, 100_000], [1, 2], id="dropped twice"),
        pytest.param([drop(0), drop(0), drop(9)], [0, 0, 0, 9], [1, 2, 4], id="dropped at once"),
        pytest.param([answer(503), answer(500), answer(429)], [0, 0, 0, 0], [1, 2, 4], id="busy"),
        pytest.param([answer(429, Retry_After="7")], [0, 0], [7], id="says when to come again"),
        pytest.param([send_without_length(DATA[:99])], [0, 99], [1], id="ends early, without a length"),
        pytest.param([drop(50_000), send(DATA)], [0, 50_000], [1], id="does not know ranges"),
        pytest.param([drop(50_000), answer(416)], [0, 50_000, 0], [1, 2], id="refuses the range"),
        pytest.param([drop(50_000), send_range(9, len(DATA))], [0, 50_000, 0], [1, 2], id="another range"),
        pytest.param(
            [drop(50_000), send_range(50_000, 150_000)], [0, 50_000, 0], [1, 2], id="of another file"
        ),
        pytest.param([send_range(50_000, len(DATA))], [0, 0], [1], id="a range that nobody wanted"),
        pytest.param([send_without_length(DATA)], [0], [], id="no length"),
        pytest.param([send_gzip], [0], [], id="encoded as gzip"),
        pytest.param([drop(50_000), send_gzip], [0, 50_000], [1], id="the rest encoded as gzip"),
        pytest.param([label_gzip], [0], [], id="said to be encoded as gzip"),
        pytest.param(
            [lambda handler, _: handler.serve(OTHER, most=50_000)],
            [0, 50_000, 0],
            [1],
            id="two versions mixed",
        ),
    ],
)
def test_faults_are_overcome(
    publisher, download, folder, retries, waits, faults, expected_starts, expected_waits
):
    publisher.faults.extend(faults)
    assert fetch(download, folder, retries=retries).read_bytes() == DATA
    assert starts(publisher) == expected_starts
    assert waits[: len(expected_waits)] == expected_waits
    assert names(folder) == ["data.bin"]


def test_a_server_that_stalls_is_asked_again(publisher, download, folder, waits):
    publisher.faults.append(stall(1_000))
    path = fetch(download, folder, retries=Retries(timeout=1.5, attempts=100, sleep=waits.append))
    assert path.read_bytes() == DATA
    assert len(publisher.requests) > 1
    assert waits[0] == 1


def test_a_server_that_sends_a_byte_now_and_then_is_asked_again(publisher, download, folder, waits):
    """Each look at the clock is four seconds later, and lets the server send one more byte."""
    publisher.faults.append(drip(100))
    seconds = itertools.count(0, 4)

    def clock():
        publisher.dripped.release()
        return float(next(seconds))

    retries = Retries(timeout=20, sleep=waits.append, clock=clock)
    assert fetch(download, folder, retries=retries).read_bytes() == DATA
    assert waits == [1]
    assert 1 < starts(publisher)[1] < 10


def test_a_file_that_has_changed_is_not_mixed_with_its_older_version(publisher, download, folder, retries):
    def change(handler, _):
        handler.serve(OTHER, most=50_000)
        publisher.etag = '"2"'

    publisher.faults.append(change)
    assert fetch(download, folder, retries=retries).read_bytes() == DATA
    assert starts(publisher) == [0, 50_000]  # the server sent all of it, by If-Range
    assert publisher.sent == 50_000 + len(DATA)


@pytest.mark.parametrize(
    ("faults", "changes", "message"),
    [
        ([], {"checksum": NONE}, r"expected checksum sha256:0+, got sha256:\w+; put the file there yourself"),
        ([send(b"<html>log in</html>")], {}, "expected 200,000 bytes, the server has 19"),
        ([say_length(300_000)], {}, "expected 200,000 bytes, the server has 300,000"),
        ([say_length(9)], {}, "expected 200,000 bytes, the server has 9"),
        ([send_without_length(DATA + b"!")], {}, "more than 200,000 bytes"),
        ([answer(404)], {}, "the server answers 404 Not Found"),
        ([answer(403)], {}, "the server answers 403 Forbidden"),
        ([answer(429, Retry_After="999")], {}, "the server answers 429 Too Many Requests; check the network"),
        (
            [answer(302, Location="/data.bin")] * 20,
            {},
            r"redirects too often, or elsewhere than to https \(302\)",
        ),
        (
            [answer(302, Location="ftp://127.0.0.1/a")],
            {},
            "ftp://127.0.0.1/a: expected https, or http to this",
        ),
        ([answer(302, Location="http://example.com/a")], {}, "http://example.com/a: expected https"),
        ([answer(302, Location="file:///etc/passwd")], {}, "elsewhere than to https"),
        ([answer(503)] * 6, {}, "the server answers 503 Service Unavailable; check the network"),
        ([drop(0)] * 6, {}, "the response ends after 0 of 200,000 bytes; check the network, put the file"),
    ],
)
def test_what_cannot_be_downloaded_is_one_error(
    publisher, download, folder, retries, faults, changes, message
):
    publisher.faults.extend(faults)
    with pytest.raises(UsageError, match=message):
        fetch(replace(download, **changes), folder, retries=retries)
    assert not (folder / "data.bin").exists()


def test_gzip_that_expands_without_end_is_refused(publisher, download, folder, retries):
    def bomb(handler, _):
        send_gzip(handler, bytes(50_000_000))

    publisher.faults.append(bomb)
    with pytest.raises(UsageError, match="more than 200,000 bytes"):
        fetch(download, folder, retries=retries)


def test_a_redirect_is_followed(publisher, download, folder):
    publisher.files["moved.bin"] = DATA
    publisher.faults.append(answer(301, Location=f"{publisher.url}/moved.bin"))
    assert fetch(download, folder).read_bytes() == DATA


def test_the_body_of_a_redirect_is_not_read(publisher, download, folder):
    publisher.files["moved.bin"] = DATA
    publisher.faults.append(redirect_with_endless_body(f"{publisher.url}/moved.bin"))
    assert fetch(download, folder).read_bytes() == DATA


def test_what_was_received_is_kept_for_the_next_process(publisher, download, folder, retries):
    publisher.faults.extend([drop(150_000), answer(404)])
    with pytest.raises(UsageError, match="404 Not Found; try again later: 150,000 of 200,000 bytes are kept"):
        fetch(download, folder, retries=retries)
    assert fetch(download, folder).read_bytes() == DATA
    assert starts(publisher)[-1] == 150_000
    assert publisher.sent == len(DATA)


def test_a_killed_download_continues_where_it_was(publisher, download, folder):
    """Killed at 95 %, it fetches the other 5 % only."""
    publisher.faults.append(stall(190_000))
    program = (
        "import sys, pathlib\n"
        "from headrace.datasets.downloads import Download, fetch\n"
        "fetch(Download(sys.argv[1], 'data.bin', sys.argv[2], 200_000), pathlib.Path(sys.argv[3]))\n"
    )
    part = folder / ".data.bin.part"
    with subprocess.Popen([sys.executable, "-c", program, download.url, SHA256, str(folder)]) as process:
        wait_until(lambda: part.exists() and part.stat().st_size == 190_000)
        process.send_signal(signal.SIGKILL)
    publisher.sent = 0
    assert fetch(download, folder).read_bytes() == DATA
    assert publisher.sent == 10_000
    assert names(folder) == ["data.bin"]


def test_a_damaged_part_of_an_earlier_process_is_fetched_again(publisher, download, folder):
    folder.mkdir(parents=True)
    (folder / ".data.bin.part").write_bytes(bytes(150_000))
    waits = []
    assert fetch(download, folder, retries=Retries(sleep=waits.append)).read_bytes() == DATA
    assert starts(publisher) == [150_000, 0]


def test_a_part_that_is_longer_than_the_file_is_dropped(publisher, download, folder):
    folder.mkdir(parents=True)
    (folder / ".data.bin.part").write_bytes(bytes(200_001))
    assert fetch(download, folder).read_bytes() == DATA
    assert starts(publisher) == [0]


def test_a_server_that_never_sends_the_rest_of_the_same_file_is_given_up(
    publisher, download, folder, retries
):
    publisher.faults.extend([drop(150_000), answer(416)] * 20)
    with pytest.raises(UsageError, match="416"):
        fetch(download, folder, retries=replace(retries, progress=1_000))
    assert len(publisher.requests) == 12


def test_a_link_in_place_of_the_part_is_not_followed(download, folder, tmp_path):
    folder.mkdir(parents=True)
    (tmp_path / "mine").write_bytes(b"mine")
    (folder / ".data.bin.part").symlink_to(tmp_path / "mine")
    with pytest.raises(UsageError, match="cannot be written"):
        fetch(download, folder)
    assert (tmp_path / "mine").read_bytes() == b"mine"


def test_a_full_disk_is_one_error_and_loses_nothing(publisher, download, folder):
    """The limit of a file's size stands in for the size of the disk."""
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, unlimited[1]))
    try:
        with pytest.raises(UsageError, match=r"received is kept\): File too large; raise the limit"):
            fetch(download, folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    assert fetch(download, folder).read_bytes() == DATA
    assert starts(publisher) == [0, 150_000]


def test_a_disk_without_room_is_found_before_the_download(publisher, download, folder):
    with pytest.raises(
        UsageError, match=r"the disk has .* bytes left, and the file needs 1,000,000,000,000,000"
    ):
        fetch(replace(download, size=10**15), folder)
    assert publisher.requests == []


def test_a_refused_connection_is_one_error(download, folder, retries, waits):
    with socket.socket() as free:  # a port without a server
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/data.bin"
        with pytest.raises(UsageError, match=r"cannot download .* refused.*put the file there yourself"):
            fetch(replace(download, url=url), folder, retries=retries)
    assert waits == [1, 2, 4, 8, 16]


def test_a_file_with_other_content_is_not_overwritten(download, folder):
    folder.mkdir(parents=True)
    (folder / "data.bin").write_bytes(b"mine")
    with pytest.raises(UsageError, match="a file of this name exists with 4 bytes, expected 200,000"):
        fetch(download, folder)
    (folder / "data.bin").write_bytes(OTHER)
    with pytest.raises(UsageError, match=r"a file of this name exists with checksum .*; move it away"):
        fetch(download, folder)
    assert (folder / "data.bin").read_bytes() == OTHER


def test_a_file_to_fetch_by_hand_says_how(folder):
    by_hand = Download(
        "", "train.tar", NONE, 9, instructions="sign in at https://example.com and download it"
    )
    with pytest.raises(UsageError, match=r"train\.tar: .* by hand; sign in at https://example\.com"):
        fetch(by_hand, folder)
