"""Datasets: Headrace against other data loaders in alternating rounds.

    python -m bench.data                                     # everything, half an hour
    python -m bench.data --comparisons images --peers torch grain
    python -m bench.data.stages                              # microseconds per batch of each stage
    python -m bench.data.torch_door                          # conversions to tensors, by column
    python -m bench.data.gather                              # gathering rows: the kernel, pyarrow and NumPy

All peers load the same rows in batches of the same size; each has its own environment, and its own files
where it does not read TFRecord, Parquet or folders. Each contender, one way to load the rows, has its own
warm process. Contenders alternate, so that other load on the machine affects all of them; the median of the
rounds counts. CPU time is that of all processes and threads of the contender. Memory is measured in a pass of
its own, in a new process: anonymous and shared memory, since the kernel can drop mapped files at any time.
Every contender's rows are checked: their number and the sums of their columns.
"""
