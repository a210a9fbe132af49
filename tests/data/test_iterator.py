import pytest

from headrace.errors import UsageError


def test_a_state_of_another_pipeline_is_refused(numbered):
    state = iter(numbered.shuffle(1).batch(10)).state_dict()
    with pytest.raises(UsageError, match=r"pipeline 'shuffle\(seed=2.*got one of 'shuffle\(seed=1"):
        iter(numbered.shuffle(2).batch(10)).load_state_dict(state)


def test_prefetch_and_threads_may_change_between_save_and_resume(numbered):
    def same(batch):
        return batch

    saved = iter(numbered.map(same).batch(10).prefetch(1))
    next(saved)
    resumed = iter(numbered.map(same, threads=2).batch(10).prefetch(5))
    resumed.load_state_dict(saved.state_dict())
    assert list(resumed) == list(saved)


def test_a_state_beyond_the_end_is_refused(numbered):
    state = iter(numbered.batch(10)).state_dict() | {"batches": 12}
    with pytest.raises(UsageError, match="12 batches into epoch 0, which has 11"):
        iter(numbered.batch(10)).load_state_dict(state)


@pytest.mark.parametrize(
    "state", [{}, {"epoch": "0", "batches": 1}, {"epoch": 0, "batches": -1, "pipeline": ""}]
)
def test_an_invalid_state_is_refused(numbered, state):
    with pytest.raises(UsageError, match="expected an iteration state"):
        iter(numbered).load_state_dict(state)


def test_a_state_can_be_loaded_in_mid_epoch(numbered):
    iterator = iter(numbered.shuffle(1).batch(10))
    start = iterator.state_dict()
    first = [next(iterator), next(iterator)]
    iterator.load_state_dict(start)
    assert [next(iterator), next(iterator)] == first
