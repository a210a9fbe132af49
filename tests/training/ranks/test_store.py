"""A store that is lost is not asked again: torch prints a C++ trace for each question."""

import pytest

from headrace.training.ranks.store import SharedStore


class Store:
    """A store that counts its calls, which fail on request."""

    def __init__(self) -> None:
        self.calls, self.fails = 0, False

    def get(self, key: str) -> str:
        self.calls += 1
        if self.fails:
            raise RuntimeError("Connection reset by peer")
        return key.upper()


def test_a_store_is_asked_until_a_call_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TORCHELASTIC_USE_AGENT_STORE", raising=False)
    store = Store()
    shared = SharedStore(store, lambda: True)
    assert (shared.get("a"), store.calls) == ("A", 1)
    store.fails = True
    with pytest.raises(RuntimeError, match="reset by peer"):
        shared.get("a")
    store.fails = False
    with pytest.raises(ConnectionError, match="the store of the processes is lost"):
        shared.get("a")
    assert store.calls == 2


def test_a_store_kept_by_a_process_that_has_ended_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TORCHELASTIC_USE_AGENT_STORE", raising=False)
    store = Store()
    with pytest.raises(ConnectionError):
        SharedStore(store, lambda: False).get("a")
    assert store.calls == 0


def test_a_store_that_torchrun_keeps_outlives_the_first_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHELASTIC_USE_AGENT_STORE", "True")
    assert SharedStore(Store(), lambda: False).get("a") == "A"
