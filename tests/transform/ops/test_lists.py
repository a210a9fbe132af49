"""Ops on lists, compared with Python."""

from __future__ import annotations

from headrace import transform as t

from .evaluation import evaluate


def test_lists_convert_to_rows_and_vectors() -> None:
    lists = [[1, 2, 3, 1], [], [9, -1, 1]]
    assert evaluate(lambda x: t.to_dense(x, 3, -7), lists) == [[1, 2, 3], [-7, -7, -7], [9, -1, 1]]
    assert evaluate(lambda x: t.count_vector(x, 4), lists) == [[0, 2, 1, 1], [0] * 4, [0, 1, 0, 0]]
    assert evaluate(lambda x: t.multi_hot(x, 4), lists) == [[0, 1, 1, 1], [0] * 4, [0, 1, 0, 0]]
    assert evaluate(t.segment_indices, [[0, 0, 1, 2, 2, 2], [], [5, 4, 4]]) == [
        [0, 1, 0, 0, 1, 2],
        [],
        [0, 0, 1],
    ]


def test_ngrams_have_the_order_of_tf_transform() -> None:
    tokens = [["One", "was", "Johnny"], [], ["Two"]]
    assert evaluate(lambda x: t.ngrams(x, (1, 2), " "), tokens) == [
        ["One", "One was", "was", "was Johnny", "Johnny"],
        [],
        ["Two"],
    ]
    assert evaluate(lambda x: t.ngrams(x, (3, 5), "_"), tokens) == [["One_was_Johnny"], [], []]


def test_rows_are_deduplicated_and_frequencies_computed() -> None:
    tokens = [["I", "like", "pie", "pie", "pie"], [], ["yum", "yum", "pie"]]
    assert evaluate(t.word_count, tokens) == [5, 0, 3]
    assert evaluate(t.deduplicate_per_row, tokens) == [["I", "like", "pie"], [], ["yum", "pie"]]
    shares = evaluate(t.term_frequency, tokens)
    assert [[round(share, 6) for share in row] for row in shares] == [
        [0.2, 0.2, 0.6],
        [],
        [0.666667, 0.333333],
    ]
    assert evaluate(t.deduplicate_per_row, [[2**62, -1, 2**62]]) == [[2**62, -1]]
