import pytest

from headrace.data import Dataset


@pytest.mark.parametrize("rows", [0, 1, 10, 48, 102, 103, 200])
def test_take_and_skip_are_complementary(numbered, rows_of, rows):
    assert rows_of(numbered.take(rows)) == list(range(103))[:rows]
    assert rows_of(numbered.skip(rows)) == list(range(103))[rows:]


def test_take_reads_no_further_than_needed(batches, rows_of):
    def explode(batch):
        assert batch["row"][0].as_py() < 48
        return batch

    assert rows_of(Dataset.from_arrow(batches).map(explode).take(48)) == list(range(48))
