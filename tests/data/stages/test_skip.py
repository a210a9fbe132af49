import pytest


@pytest.mark.parametrize("rows", [0, 1, 10, 48, 102, 103, 200])
def test_the_first_rows_are_dropped_across_batches(numbered, rows_of, rows):
    assert rows_of(numbered.skip(rows)) == list(range(103))[rows:]
    assert numbered.skip(rows).num_rows == max(0, 103 - rows)


def test_a_slice_of_the_first_batch_is_not_copied(batches, numbered):
    first = next(iter(numbered.skip(3)))
    assert first["row"].buffers()[1].address == batches[0]["row"].buffers()[1].address
