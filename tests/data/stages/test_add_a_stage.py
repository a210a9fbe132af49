"""Adding a stage takes one file: a module of headrace.data.stages, or of a folder in it, with a `Stage`."""

import pytest

from headrace.data.stages import list_stages

DROP_NULLS = '''
"""Drop rows with missing values."""

from dataclasses import dataclass

from headrace.data.pipeline import Stage


@dataclass(frozen=True)
class DropNulls(Stage):
    """Drop the rows with a null in any column."""

    @property
    def spec(self):
        """The stage has no options."""
        return "drop_nulls()"

    @property
    def per_part(self):
        """The stage itself: it works on one batch at a time."""
        return (self,)

    def apply(self, batches, epoch):
        """Yield the rows without nulls; batches without any are skipped."""
        for batch in batches:
            kept = batch.drop_null()
            if kept.num_rows:
                yield kept

    def count_rows(self, rows):
        """Return None: the number is unknown before reading."""
        return None
'''


@pytest.fixture(params=["headrace.data.stages", "headrace.data.stages.columns"])
def stage(request, add_module):
    return add_module(request.param, "drop_nulls", DROP_NULLS).DropNulls


def test_the_stage_is_registered(stage) -> None:
    assert stage in list_stages()


def test_the_stage_is_applied_and_resumed_like_any_other(stage, numbered, rows_of) -> None:
    ds = numbered.apply(stage()).batch(10)
    assert rows_of(ds) == [row for row in range(103) if row % 5]
    assert ds.num_rows is None
    assert ds.spec == "drop_nulls() | batch(10)"
    running, resumed = iter(ds), iter(ds)
    next(running)
    resumed.load_state_dict(running.state_dict())
    assert list(resumed) == list(running)
