import numpy as np


def test_repeat_never_repeats_an_order(numbered, rows_of):
    ds = numbered.shuffle(1).repeat(2)
    passes = [tuple(part) for epoch in (0, 1) for part in np.split(np.array(rows_of(ds.epoch(epoch))), 2)]
    assert len(set(passes)) == 4
    assert all(sorted(part) == list(range(103)) for part in passes)
    assert rows_of(numbered.shuffle(1).epoch(3)) == list(passes[3])
