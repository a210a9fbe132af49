"""What grows with columns, keys, files, labels and steps: figures with limits, some beside DuckDB and Polars.

    python -m bench.scale                                 # everything, several minutes
    python -m bench.scale --figures plan z_per_key --rounds 5

Figures are CPU seconds of the process and its children, in the pass that took fewest: a busy machine changes
them less than the time that passes. Peers have a warm process each and alternate; sums over their outputs are
compared.
"""
