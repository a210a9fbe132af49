"""Everyday jobs by `headrace init` and `headrace run`, without an edit, beside scikit-learn on the same rows.

    python -m bench.jobs                                         # all bars
    python -m bench.jobs --bars tables                           # 9 tables, three seeds
    python -m bench.jobs --bars tables --only flchain nwtco --seeds 1
    python -m bench.jobs --bars texts                            # two sets of texts, 5 folds
    python -m bench.jobs --bars leaks                            # does init name the columns that leak?
    python -m bench.jobs --bars imbalance                        # a rare class with balanced weights
    python -m bench.jobs --bars images                           # CIFAR-10 in mixed sizes and formats

`--data`, or the variable HEADRACE_BENCH_DATA, names the folder of the data sets. scikit-learn has an
environment of its own. Our answers are those of the exported file. Exits with 1 when a bar is missed.
"""
