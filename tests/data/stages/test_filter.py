import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from headrace.errors import UsageError


@pytest.mark.parametrize(
    "keep",
    [
        lambda batch: np.asarray(batch["row"]) % 3 == 0,
        lambda batch: pc.equal(pc.bit_wise_and(batch["row"], 1), 0),
        lambda batch: [k % 7 == 0 for k in batch["row"].to_pylist()],
    ],
)
def test_rows_that_meet_the_condition_stay(numbered, rows_of, keep):
    expected = [k for k, kept in enumerate(np.asarray(keep({"row": pa.array(np.arange(103))}))) if kept]
    assert rows_of(numbered.batch(10).filter(keep)) == expected


def test_null_is_false(numbered, rows_of):
    kept = rows_of(numbered.filter(lambda batch: pc.greater(batch["maybe"], 50)))
    assert kept == [k for k in range(51, 103) if k % 5]


@pytest.mark.parametrize("mask", [np.array([True]), np.arange(103)])
def test_a_wrong_mask_is_refused(numbered, mask):
    with pytest.raises(UsageError, match="return one boolean per row"):
        list(numbered.batch(103).filter(lambda _: mask))
