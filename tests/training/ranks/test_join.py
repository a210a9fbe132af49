"""What a launcher says of the processes is checked before they wait for one another."""

import socket

import pytest

from headrace.errors import UsageError
from headrace.training.ranks import join_ranks

LAUNCHED = {"WORLD_SIZE": "2", "RANK": "0", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}


def launch(monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    for name, value in (LAUNCHED | changes).items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"RANK": ""}, "WORLD_SIZE is set, but RANK is missing; start the processes with torchrun"),
        ({"RANK": "2"}, "WORLD_SIZE is 2, but RANK is 2; number the processes from 0"),
        ({"MASTER_ADDR": ""}, "WORLD_SIZE is set, but MASTER_ADDR is missing; start the processes"),
        ({"MASTER_PORT": "abc"}, "WORLD_SIZE is set, but MASTER_PORT is 'abc'; start the processes"),
        ({"WORLD_SIZE": "two"}, "WORLD_SIZE is set, but WORLD_SIZE is 'two'; start the processes"),
    ],
)
def test_variables_that_are_incomplete_are_one_line(
    changes: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch(monkeypatch, **changes)
    with pytest.raises(UsageError, match=message), join_ranks():
        pass


def test_a_port_that_another_program_uses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as used:
        used.bind(("", 0))
        used.listen()
        port = used.getsockname()[1]
        launch(monkeypatch, MASTER_PORT=str(port))
        with pytest.raises(UsageError, match=f"another program uses port {port}"), join_ranks():
            pass
